"""The binary relative entropy kl(q||p), without cancellation."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError, real_array
from fathometer.numerics.arithmetic._rounding import WIDE_EPS, Wide, wide

KL_ERROR = 16 * WIDE_EPS
"""Relative error of `wide_kl`: a few wide operations on non-negative terms."""


def kl(q: ArrayLike, p: ArrayLike) -> Float[np.ndarray, "..."] | np.float64:
    """Return q ln(q/p) + (1-q) ln((1-q)/(1-p)) in nats, with 0 ln 0 = 0; inf where p in {0, 1} differs from q.

    Args:
        q: in [0, 1], any shape.
        p: in [0, 1], of a shape that broadcasts with `q`.

    Raises:
        InputError: if a number is outside [0, 1] or NaN.
    """
    q, p = np.broadcast_arrays(wide(read_probability("q", q)), wide(read_probability("p", p)))
    return np.asarray(wide_kl(q, p)).astype(np.float64)[()]


def as_float(values: ArrayLike) -> NDArray:
    """Long doubles unchanged, every other kind of real numbers as float64."""
    if isinstance(values, np.ndarray | np.floating) and values.dtype == np.longdouble:
        return np.asarray(values)
    return real_array("probabilities", values)


def read_probability(name: str, values: ArrayLike) -> NDArray:
    """Read numbers in [0, 1], in their own precision.

    Raises:
        InputError: if a number is outside or NaN.
    """
    numbers = as_float(values)
    if not np.all((numbers >= 0) & (numbers <= 1)):
        raise InputError(
            f"{name} must be in [0, 1], got {first_bad(numbers, np.asarray((numbers >= 0) & (numbers <= 1)))}"
        )
    return numbers


def first_bad(numbers: NDArray, good: NDArray[np.bool_]) -> str:
    """The first number that is not good, as text."""
    return f"{np.ravel(numbers)[np.argmin(np.ravel(good))]:g}"


def wide_kl(q: Wide, p: Wide) -> Wide:
    """kl(q||p) of wide numbers in [0, 1], unchecked; inf where p in {0, 1} differs from q.

    A sum of two non-negative terms, so that nothing cancels where p is close to q (derived).
    """
    return _term(q, p, p - q) + _term(1 - q, 1 - p, q - p)


def _term(a: Wide, b: Wide, step: Wide) -> Wide:
    """B - a - a ln(b/a), for step = b - a; the series is that of 2 artanh(r) = ln(b/a), r = step / (a + b)."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        r = step / (a + b)
        square = r * r
        series = np.zeros_like(square)
        for k in range(27, 1, -2):
            series = series * square + 1 / np.longdouble(k)
        near = step * r - 2 * a * r * square * series
        far = step - a * np.log(b / a)
    return np.where(a == 0, b, np.where(np.abs(r) < 0.125, near, far))
