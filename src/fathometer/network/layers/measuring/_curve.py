"""How far tokens end from where the model sends them, as a function of its step tau, and the best step.

With a = <y, x>, b = <y, v>, c = |v|^2 of a token and its pull v, tangent at x, the squared chord from y to
(x + tau v)/|x + tau v| is 2 - 2 (a + tau b)/sqrt(1 + tau^2 c). Sums of it over tokens are kept at Chebyshev points of
[-3, 3] and interpolated: it is analytic up to +-i/sqrt(c), and c <= 1, so that the error is below 1.38^-64.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

LARGEST_TAU = 3.0
"""Steps up to here are tried, in both directions."""
_DEGREE = 64
_FINE = 601
_NOTHING = 1e-12
"""Gain per token below which no step is better than none."""

_KNOTS = np.cos(np.pi * np.arange(_DEGREE + 1) / _DEGREE)
NODES = LARGEST_TAU * _KNOTS
"""Steps at which sums are kept."""
_STEPS = np.linspace(-1, 1, _FINE)
_FROM_NODES = np.linalg.inv(chebyshev.chebvander(_KNOTS, _DEGREE))
_TO_FINE = chebyshev.chebvander(_STEPS, _DEGREE) @ _FROM_NODES


class Best(NamedTuple):
    """Where curves are lowest, each of the shape that is left of them.

    Attributes:
        row: which curve, -1 if no step is better than none.
        tau: at which step.
        value: of the curve there.
    """

    row: NDArray[np.int64]
    tau: NDArray[np.float64]
    value: NDArray[np.float64]


def residual_curve(
    along: Float[np.ndarray, " n"], toward: Float[np.ndarray, "k n"], square: Float[np.ndarray, "k n"]
) -> Float[np.ndarray, "k nodes"]:
    """Sums over tokens of the squared chords, for each of k fields and each of `NODES`.

    Args:
        along: a of every token.
        toward: b, for each field.
        square: c, for each field.
    """
    reached = along[None, None] + NODES[:, None] * toward[:, None]
    return np.sum(2 * (1 - reached / np.sqrt(1 + NODES[:, None] ** 2 * square[:, None])), axis=-1)


def lowest(curves: Float[np.ndarray, "*t k nodes"], size: float | NDArray[np.float64] = 1.0) -> Best:
    """The best of k curves and its best step, by a grid and the parabola around its best point.

    Args:
        curves: as `residual_curve` gives them, or sums of such.
        size: how many tokens they are sums over, of the shape in front.
    """
    fine = curves @ _TO_FINE.T
    middle = np.clip(np.argmin(fine, axis=-1), 1, _FINE - 2)
    shift, value = _vertex(*(np.take_along_axis(fine, (middle + k)[..., None], axis=-1)[..., 0] for k in (-1, 0, 1)))
    tau = LARGEST_TAU * (_STEPS[middle] + shift * (_STEPS[1] - _STEPS[0]))
    row = np.argmin(value, axis=-1)
    tau, value, rest = (
        np.take_along_axis(each, row[..., None], axis=-1)[..., 0] for each in (tau, value, fine[..., (_FINE - 1) // 2])
    )
    value = np.maximum(value, 0.0)  # sums of squares, of which interpolation leaves less than nothing
    idle = rest - value <= _NOTHING * np.asarray(size)
    return Best(np.where(idle, -1, row), np.where(idle, 0.0, tau), np.where(idle, rest, value))


def _vertex(left: NDArray, here: NDArray, right: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the parabola through three values is lowest within them, in steps from the middle, and how low."""
    bend, slope = left - 2 * here + right, (right - left) / 2
    shift = np.where(bend > 0, -slope / np.where(bend > 0, bend, 1.0), np.where(slope > 0, -1.0, 1.0))
    shift = np.clip(shift, -1.0, 1.0)
    return shift, here + slope * shift + bend * shift**2 / 2


def curve_at(curves: Float[np.ndarray, "*t nodes"], tau: float) -> NDArray[np.float64]:
    """Curves at one step.

    Args:
        curves: as `residual_curve` gives them.
        tau: in [-3, 3].
    """
    return curves @ (chebyshev.chebvander(np.array([tau / LARGEST_TAU]), _DEGREE) @ _FROM_NODES)[0]
