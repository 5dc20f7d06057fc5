"""Descent on a polynomial of one variable next to a minimum at 0, as a problem."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Problem, finite_array, finite_number, whole_number

DEEPEST_LINE = 64
"""Depth up to which the derivatives of a scalar network are kept as one polynomial."""


@dataclass(frozen=True, eq=False)
class LineDescent(Problem):
    """Descent x <- x - step f'(x) on f(x) = sum_k f^(k) x^k / k!, k >= 2.

    Attributes:
        derivatives: f'', f''', f'''', ... at the minimum x = 0, shape (n,), n >= 1; f'' positive.
        step: step size, positive.
        start: x at step 0.

    Raises:
        InputError: if there is no derivative, f'' is not positive, or the step is not.
    """

    derivatives: NDArray[np.float64]
    step: float
    start: float = 0.0

    def __post_init__(self) -> None:
        read = finite_array("derivatives", self.derivatives, ndim=1)
        finite_number("f'' at the minimum", read[0] if read.size else 0.0, above=0)
        object.__setattr__(self, "derivatives", read)
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))
        object.__setattr__(self, "start", finite_number("start", self.start))

    @classmethod
    def scalar_network(cls, depth: int, excess: float, start: float = 0.0) -> "LineDescent":
        """f(x) = (w^L - 1)^2 with w = 1 + x: L equal scalar layers that learn 1.

        Args:
            depth: L, from 1 to 64.
            excess: mu = step f'' - 2, above -2.
            start: x at step 0.

        Raises:
            InputError: if a number is out of range.
        """
        layers = whole_number("depth", depth, at_least=1, at_most=DEEPEST_LINE)
        step = (2 + finite_number("excess", excess, above=-2)) / (2 * layers**2)
        return cls(np.array(_of_scalar_network(layers), np.float64), step, start)

    @property
    def curvature(self) -> float:
        """S = f'' at the minimum."""
        return float(self.derivatives[0])

    @property
    def excess(self) -> float:
        """Mu = step S - 2: above 0, descent is unstable at the minimum."""
        return self.step * self.curvature - 2

    def derivative(self, order: int) -> float:
        """f^(order) at the minimum; 0 beyond those that are given.

        Args:
            order: at least 2.
        """
        return float(self.derivatives[order - 2]) if order - 2 < len(self.derivatives) else 0.0

    @property
    def slope(self) -> NDArray[np.float64]:
        """Coefficients of f'(x) from x^1 on: f^(k) / (k - 1)!."""
        return self.derivatives / np.cumprod(np.arange(1.0, len(self.derivatives) + 1))


def line_criterion(problem: LineDescent) -> float:
    """A = f'''^2 / (2 S^2) - f'''' / (6 S): its sign says whether descent settles or jumps just beyond 2 / S."""
    S, third, fourth = (problem.derivative(order) for order in (2, 3, 4))
    return (third**2 / (2 * S) - fourth / 6) / S


def _of_scalar_network(depth: int) -> list[int]:
    """f^(k), k = 2 ... 2L, of w^{2L} - 2 w^L + 1 at w = 1, exact."""
    return [math.perm(2 * depth, k) - 2 * math.perm(depth, k) for k in range(2, 2 * depth + 1)]
