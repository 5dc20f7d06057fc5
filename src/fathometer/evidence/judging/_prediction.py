"""Predictions: the closed algebra of what a theorem can say about a measured quantity."""

from dataclasses import dataclass, fields
from enum import StrEnum

from fathometer.evidence.values._estimate import Estimate, Number
from fathometer.evidence.values._input import InputError, finite_number
from fathometer.evidence.values._record import Record

Domain = tuple[float | None, float | None]
"""The range (lowest, highest) that the quantity has whatever happens; None where it is unlimited."""


class Prediction(Record):
    """Abstract base of the algebra. Bounds may be given as numbers; they are taken as exact."""


class IntervalPrediction(Prediction):
    """Abstract: the quantity lies in an interval. It is vacuous where the interval covers the quantity's domain."""

    domain: Domain

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            if field.name != "domain":
                object.__setattr__(self, field.name, Estimate.of(getattr(self, field.name)))
        if len(self.domain) != 2:
            raise InputError(f"a domain has a lowest and a highest value, got {self.domain}")
        object.__setattr__(self, "domain", tuple(end if end is None else float(end) for end in self.domain))


@dataclass(frozen=True, eq=False)
class AtMost(IntervalPrediction):
    """The quantity is at most `bound`."""

    bound: Estimate | Number
    domain: Domain = (None, None)


@dataclass(frozen=True, eq=False)
class AtLeast(IntervalPrediction):
    """The quantity is at least `bound`."""

    bound: Estimate | Number
    domain: Domain = (None, None)


@dataclass(frozen=True, eq=False)
class Positive(IntervalPrediction):
    """The quantity is larger than 0."""

    domain: Domain = (None, None)


@dataclass(frozen=True, eq=False)
class Within(IntervalPrediction):
    """The quantity is in [lower, upper]."""

    lower: Estimate | Number
    upper: Estimate | Number
    domain: Domain = (None, None)


@dataclass(frozen=True, eq=False)
class NotBefore(IntervalPrediction):
    """The event does not happen before `time`."""

    time: Estimate | Number
    domain: Domain = (0.0, None)


@dataclass(frozen=True, eq=False)
class NotAfter(IntervalPrediction):
    """The event happens, and not after `time`."""

    time: Estimate | Number
    domain: Domain = (0.0, None)


class Direction(StrEnum):
    """Which way a monotone quantity goes."""

    INCREASING = "increasing"
    DECREASING = "decreasing"


@dataclass(frozen=True, eq=False)
class Monotone(Prediction):
    """The quantity never turns back along its axis by more than `slack`, which allows for rounding."""

    direction: Direction
    slack: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", Direction(self.direction))
        finite_number("slack", self.slack, at_least=0)


@dataclass(frozen=True, eq=False)
class GrowthExponent(Prediction):
    """The quantity grows like a power of its axis, with an exponent in [lower, upper].

    The measured exponent is the slope of log quantity on log axis, with its Student interval at `confidence`.
    """

    lower: float
    upper: float
    confidence: float = 0.99

    def __post_init__(self) -> None:
        finite_number("lower exponent", self.lower)
        finite_number("upper exponent", self.upper, at_least=self.lower)
        finite_number("confidence", self.confidence, above=0, below=1)


@dataclass(frozen=True, eq=False)
class WithProbability(Prediction):
    """`claim` fails with probability at most `delta`.

    Draws along an axis of kind `draw` are judged by an exact binomial test, one-sided each way with
    false-alarm probability `alpha`. A single draw can only fail to contradict.
    """

    claim: IntervalPrediction
    delta: float
    alpha: float = 1e-6

    def __post_init__(self) -> None:
        finite_number("delta", self.delta, above=0, below=1)
        finite_number("alpha", self.alpha, above=0, below=1)
