"""How large the curvature may be for a step: the edge of stability of each method of descent."""

import math
from dataclasses import dataclass
from enum import StrEnum

from fathometer.evidence import AtMost, Estimate, Record, Verdict, finite_number, judge


class Method(StrEnum):
    """A method of descent whose stability on a quadratic is known."""

    DESCENT = "gradient descent"
    HEAVY_BALL = "heavy ball"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"


@dataclass(frozen=True, eq=False)
class EdgeRule(Record):
    """Training is stable along an eigenvector of eigenvalue c > 0 while step (c + decay) < factor.

    On a quadratic that is exact for gradient descent and momentum. Adam and RMSProp: with the eigenvalues of
    P^(-1/2) H P^(-1/2), P their preconditioner, held fixed. Source: Cohen et al. 2021, 2022; heavy ball Polyak 1964.

    Attributes:
        method: which one.
        momentum: b, or Adam's b1; in [0, 1).
        dampening: share by which heavy ball takes less of a new gradient, in [0, 1).
        decay: weight decay that is added to the gradient, which adds to every eigenvalue; at least 0. Where Adam or
            RMSProp divides the gradient, what counts like an addition to its preconditioned eigenvalues.

    Raises:
        InputError: if a number is out of range.
    """

    method: Method
    momentum: float = 0.0
    dampening: float = 0.0
    decay: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", Method(self.method))
        finite_number("momentum", self.momentum, at_least=0, below=1)
        finite_number("dampening", self.dampening, at_least=0, below=1)
        finite_number("weight decay", self.decay, at_least=0)

    @classmethod
    def descent(cls) -> "EdgeRule":
        """2 / step."""
        return cls(Method.DESCENT)

    @classmethod
    def heavy_ball(cls, momentum: float) -> "EdgeRule":
        """(2 + 2b) / step; without momentum gradient descent."""
        return cls(Method.HEAVY_BALL if momentum else Method.DESCENT, momentum)

    @classmethod
    def nesterov(cls, momentum: float) -> "EdgeRule":
        """(2 + 2b) / ((1 + 2b) step)."""
        return cls(Method.NESTEROV, momentum)

    @classmethod
    def rmsprop(cls, momentum: float = 0.0) -> "EdgeRule":
        """(2 + 2b) / step for the preconditioned Hessian."""
        return cls(Method.RMSPROP, momentum)

    @classmethod
    def adam(cls, momentum: float = 0.9, decoupled: float = 0.0) -> "EdgeRule":
        """(2 + 2 b1) / ((1 - b1) step) for the preconditioned Hessian: 38 / step for b1 = 0.9.

        Args:
            momentum: b1.
            decoupled: weight decay w of AdamW, which counts like w (1 + b1) / (1 - b1) on every eigenvalue (derived:
                -1 is a root of (z - b1) (z - 1 + step w) + step (1 - b1) c z there).
        """
        return cls(Method.ADAM, momentum, decay=decoupled * (1 + momentum) / (1 - momentum))

    @property
    def factor(self) -> float:
        """What step times eigenvalue must stay below."""
        b = self.momentum
        match self.method:
            case Method.NESTEROV:
                return (2 + 2 * b) / (1 + 2 * b)
            case Method.ADAM:
                return (2 + 2 * b) / (1 - b)
        return (2 + 2 * b) / (1 - self.dampening)

    @property
    def preconditioned(self) -> bool:
        """Whether the eigenvalue is that of the preconditioned Hessian."""
        return self.method in (Method.ADAM, Method.RMSPROP)


class Side(StrEnum):
    """Where a step is: below the edge, above it, or so near that the interval of the eigenvalue does not tell."""

    BELOW = "below"
    AT = "at"
    ABOVE = "above"


@dataclass(frozen=True, eq=False)
class Edge(Record):
    """A step held against the largest eigenvalue.

    Attributes:
        step: the learning rate, positive.
        rule: of the method of descent.
        largest: the largest eigenvalue of the Hessian, preconditioned where the rule says so.

    Raises:
        InputError: if the step is not positive.
    """

    step: float
    rule: EdgeRule
    largest: Estimate

    def __post_init__(self) -> None:
        finite_number("step", self.step, above=0)

    @property
    def ratio(self) -> Estimate:
        """Step over the largest stable step; 1 at the edge. At most 0 where nothing curves upward."""
        scale, shift, of = self.step / self.rule.factor, self.rule.decay, self.largest
        value, lower, upper = (scale * (end + shift) for end in (of.value, of.lower, of.upper))
        return Estimate(value, lower, upper, of.kind, of.confidence)

    @property
    def largest_stable_step(self) -> Estimate:
        """Factor over largest eigenvalue; infinite where nothing curves upward."""
        of, shift, factor = self.largest, self.rule.decay, self.rule.factor
        ends = (end + shift for end in (of.value, of.upper, of.lower))
        value, lower, upper = (factor / end if end > 0 else math.inf for end in ends)
        return Estimate(value, lower, upper, of.kind, of.confidence)

    @property
    def side(self) -> Side:
        """Below, at or above: at where the interval of the ratio holds 1."""
        ratio = self.ratio
        return Side.BELOW if ratio.upper < 1 else Side.ABOVE if ratio.lower > 1 else Side.AT

    def verdict(self) -> Verdict:
        """Whether the largest eigenvalue is at most what the step allows: HOLDS below the edge, UNDECIDED at it."""
        return judge(AtMost(self.rule.factor / self.step - self.rule.decay), self.largest, "edge_rule")

    def __str__(self) -> str:
        return f"{self.side} the edge: {self.ratio.text(4)} of the largest stable step ({self.rule.method})"
