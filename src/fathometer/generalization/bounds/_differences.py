"""How much one predictor is better than another, from the rows on which exactly one of them errs."""

import numpy as np

from fathometer.evidence import InputError, finite_number, whole_number
from fathometer.generalization.bounds._binomial import clopper_pearson_lower, clopper_pearson_upper
from fathometer.numerics import round_down, round_up, wide

_OF_THE_SIGN = 0.4
"""Share of delta for each limit of the proportion; each limit of the frequency has what is left of a half."""


def difference_interval(wins: int, losses: int, n: int, delta: float) -> tuple[float, float]:
    """The risk of the second predictor minus that of the first, on fresh 0/1 losses: both ends hold at once.

    A row on which exactly one of them errs has probability s, and the first is then right with probability theta, so
    that the difference is s (2 theta - 1). Given their number, wins are binomial: theta has Clopper-Pearson limits at
    0.4 delta each (the exact McNemar test), s at 0.1 delta each, and the ends are the extremes on the rectangle
    (derived). Both predictors are fixed before the n i.i.d. rows are seen, and the shares of delta in advance.

    Args:
        wins: rows on which the first is right and the second errs.
        losses: rows on which the first errs and the second is right.
        n: number of rows, at least wins + losses and 1.
        delta: probability with which the interval may miss the difference, in (0, 1).

    Returns:
        lower, upper: in [-1, 1], rounded outward; positive where the first is better.

    Raises:
        InputError: if a number is not in its range.
    """
    finite_number("delta", delta, above=0, below=1)
    size = whole_number("n", n, at_least=1)
    won, lost = (whole_number(name, count, at_least=0) for name, count in (("wins", wins), ("losses", losses)))
    if won + lost > size:
        raise InputError(f"wins + losses must be <= n = {size}, got {won + lost}")
    theta = _limits(won, won + lost, _OF_THE_SIGN * delta) if won + lost else np.array([0.0, 1.0])
    corners = np.multiply.outer(wide(_limits(won + lost, size, (0.5 - _OF_THE_SIGN) * delta)), 2 * wide(theta) - 1)
    return float(max(round_down(corners.min()), -1)), float(min(round_up(corners.max()), 1))


def _limits(k: int, n: int, delta: float) -> np.ndarray:
    """Lower and upper limit, each of which fails with probability at most delta."""
    limits = (clopper_pearson_lower, clopper_pearson_upper)
    return np.array([limit(wide(k), wide(n), wide(delta)) for limit in limits])
