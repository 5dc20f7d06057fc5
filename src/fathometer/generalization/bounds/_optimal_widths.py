"""Widths that make a bound smallest, from quantities that depend on no data."""

from collections.abc import Callable

import numpy as np

from fathometer.numerics import Wide

# Search range in natural log of width / scale: 1e-26 to 1e13.
_LOWEST, _HIGHEST, _HALVINGS = -60.0, 30.0, 80


def best_width(slope: Callable[[Wide], Wide], scale: Wide) -> Wide:
    """The width where `slope` changes sign, by bisection on its logarithm.

    Args:
        slope: of the sign of the derivative of the bound: negative below the best width and positive above it.
        scale: a length to measure widths with, any shape.
    """
    low, high = (np.full(np.shape(slope(scale)), np.longdouble(end))[()] for end in (_LOWEST, _HIGHEST))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        falls = slope(scale * np.exp(middle)) < 0
        low, high = np.where(falls, middle, low)[()], np.where(falls, high, middle)[()]
    return scale * np.exp(high)
