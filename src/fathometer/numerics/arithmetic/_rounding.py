"""Outward rounding: evaluate in extended precision, hand out the float64 that is never on the wrong side."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Wide = NDArray[np.longdouble] | np.longdouble
"""Numbers in the widest format that the platform has: 64 bits of mantissa on x86, those of float64 elsewhere."""

Narrow = NDArray[np.float64] | np.float64
"""Numbers in float64, scalar or array."""

WIDE_EPS = np.finfo(np.longdouble).eps
SLACK = 64 * WIDE_EPS
"""Relative error that a formula of a few dozen wide operations, without cancellation, stays below."""


def wide(values: ArrayLike) -> Wide:
    """Read numbers into the wide format; any shape."""
    return np.asarray(values, np.longdouble)[()]


def round_up(values: Wide, slack: float | np.floating = SLACK) -> Narrow:
    """Return float64 numbers that are not below `values * (1 ± slack)`, and at most one step above the least such.

    Args:
        values: wide numbers of any shape; infinity stays.
        slack: relative error of `values`.
    """
    target = np.asarray(values) + slack * np.abs(values)
    nearest = _nearest(target)
    return np.where(nearest < target, np.nextafter(nearest, np.inf), nearest)[()]


def round_down(values: Wide, slack: float | np.floating = SLACK) -> Narrow:
    """Return float64 numbers that are not above `values * (1 ± slack)`; see `round_up`."""
    return np.subtract(0.0, round_up(-values, slack))


def _nearest(values: Wide) -> NDArray[np.float64]:
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(values).astype(np.float64)
