"""The oscillation of period 2 that branches off a minimum at the largest stable step, or the jump away from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear.model.starts._line_descent import LineDescent, line_criterion
from fathometer.evidence import InputError, Record, finite_array, whole_number


@dataclass(frozen=True, eq=False)
class PeriodTwo(Record):
    """What descent with step (2 + mu) / S does next to a minimum on a line, for small mu.

    Derived: the two points s + d, s - d satisfy f'(s + d) + f'(s - d) = 0 and f'(s + d) - f'(s - d) = 4 d / step;
    expanded in d^2.

    Attributes:
        criterion: A = f'''^2 / (2 S^2) - f'''' / (6 S); the orbit exists for mu > 0, and is stable, where A > 0.
        correction: kappa in d^2 = mu / (2 A) (1 - kappa mu + O(mu^2)); NaN where A = 0.
    """

    criterion: float
    correction: float

    @property
    def supercritical(self) -> bool:
        """Whether descent settles on a small oscillation; else it jumps away (3 f'''^2 < f'''' S), if A is not 0."""
        return self.criterion > 0

    def amplitude_squared(self, excess: float) -> float:
        """d^2, half the distance of the two points squared, to second order in mu; NaN where there is no such orbit.

        Args:
            excess: mu = step S - 2.
        """
        there = self.criterion != 0 and excess / self.criterion > 0
        return excess / (2 * self.criterion) * (1 - self.correction * excess) if there else math.nan


def period_two(problem: LineDescent) -> PeriodTwo:
    """The expansion at the minimum of a polynomial."""
    S, a, b, c, e = (problem.derivative(order) for order in range(2, 7))
    criterion = line_criterion(problem)
    if criterion == 0:
        return PeriodTwo(0.0, math.nan)
    first = -a / (2 * S)  # s = first d^2 + second d^4
    second = -(a * first**2 / 2 + b * first / 2 + c / 24) / S
    fourth = -(a * second + b * first**2 / 2 + c * first / 6 + e / 120) / S
    return PeriodTwo(criterion, 0.5 + fourth / (2 * criterion**2))


def period_two_multiplier(excess: float) -> float:
    """Factor of a deviation from the orbit over two steps, 1 - 4 mu + O(mu^2), on every line that has one."""
    return 1 - 4 * excess


def balanced_derivatives(depth: int) -> tuple[int, int, int]:
    """f'', f''', f'''' of (w^L - 1)^2 at w = 1: 2 L^2, 6 L^2 (L - 1), 2 L^2 (L - 1) (7 L - 11).

    Derived; hence 3 f'''^2 - f'''' S = 16 L^4 (L - 1) (5 L - 4): supercritical at every depth above 1.

    Args:
        depth: L, at least 1.

    Raises:
        InputError: if the depth is below 1.
    """
    L = whole_number("depth", depth, at_least=1)
    return 2 * L**2, 6 * L**2 * (L - 1), 2 * L**2 * (L - 1) * (7 * L - 11)


def balanced_amplitude_squared(depth: int, excess: float) -> float:
    """Leading order of d^2 for (w^L - 1)^2: 3 mu / (4 (L - 1) (5 L - 4)).

    Args:
        depth: L, at least 2.
        excess: mu = step S - 2, positive.

    Raises:
        InputError: if the depth is below 2.
    """
    L = whole_number("depth", depth, at_least=2)
    return 3 * excess / (4 * (L - 1) * (5 * L - 4))


def layer_derivatives(weights: ArrayLike) -> tuple[float, float, float]:
    """f'', f''', f'''' of (w_1 ... w_L - 1)^2 at a minimizer, along its unit top eigenvector v_i = 1 / (w_i |1/w|).

    Derived: along it the product is prod_i (1 + t u_i) with u_i = v_i / w_i, so with the elementary symmetric
    polynomials e_k of the u_i they are 2 e_1^2, 12 e_1 e_2 and 24 e_2^2 + 48 e_1 e_3; e_1^2 = sum 1 / w_i^2.

    Args:
        weights: w_1 to w_L, shape (L,), whose product is 1.

    Raises:
        InputError: if the product is not 1, to 1e-9.
    """
    w = finite_array("weights", weights, ndim=1)
    if abs(np.prod(w) - 1) > 1e-9:
        raise InputError(f"the weights must have product 1, got {np.prod(w):.9g}")
    e1, e2, e3 = _elementary(list(w**-2.0 / np.linalg.norm(1 / w)))
    return 2 * e1**2, 12 * e1 * e2, 24 * e2**2 + 48 * e1 * e3


def _elementary(values: Sequence[float]) -> tuple[float, float, float]:
    """The first three elementary symmetric polynomials, by the coefficients of prod (1 + t u_i)."""
    coefficients = np.append(np.poly(-np.asarray(values)), np.zeros(3))
    return float(coefficients[1]), float(coefficients[2]), float(coefficients[3])
