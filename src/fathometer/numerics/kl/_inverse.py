"""The inverses of kl(q||p) in p, never rounded to the optimistic side."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError
from fathometer.numerics.arithmetic._rounding import WIDE_EPS, Narrow, Wide, round_down, round_up, wide
from fathometer.numerics.kl._kl import KL_ERROR, as_float, first_bad, read_probability, wide_kl
from fathometer.numerics.kl._newton import inverse_from_above


def kl_inverse_upper(q: ArrayLike, c: ArrayLike) -> Float[np.ndarray, "..."] | np.float64:
    """The largest p in [q, 1] with kl(q||p) <= c, never rounded down.

    Where long doubles have 64 bits, it is the least float64 that is not below the exact value, or in a few percent of
    cases the next one. Halley's iteration in float64, and one step of Newton's in the wide format, which ends on the
    infeasible side because kl is convex in p (derived).

    Args:
        q: in [0, 1], any shape, float64 or long double.
        c: in [0, inf], of a shape that broadcasts with `q`, float64 or long double.

    Raises:
        InputError: if `q` is outside [0, 1], `c` is negative, or one of them is NaN.
    """
    q, c = _read(q, c)
    flat_q, flat_c = np.ravel(q), np.ravel(c)
    inverse, sharp = inverse_from_above(flat_q, flat_c)
    rest = np.flatnonzero(~sharp)
    if rest.size:
        inverse[rest] = _slow_upper(wide(flat_q[rest]), wide(flat_c[rest]))
    return inverse.reshape(q.shape)[()]


def _slow_upper(q: Wide, c: Wide) -> NDArray[np.float64]:
    """For points that the fast iteration did not settle: the ends of the ranges, and p too close to q or to 1."""
    inverse = np.minimum(round_up(_newton(q, _start_above(q, c), c), slack=2 * KL_ERROR), 1.0)
    return np.where((q == 1) | (c == 0), round_up(q, slack=0), inverse)


def kl_inverse_lower(q: ArrayLike, c: ArrayLike) -> Float[np.ndarray, "..."] | np.float64:
    """The smallest p in [0, q] with kl(q||p) <= c, never rounded up; see `kl_inverse_upper`."""
    q, c = _read_wide(q, c)
    inverse = _made_infeasible(q, round_down(_newton(q, _start_below(q, c), c), slack=0), c, 0.0)
    return np.where((q == 0) | (c == 0), round_down(q, slack=0), inverse)[()]


def kl_inverse_upper_derivatives(q: ArrayLike, c: ArrayLike) -> tuple[Narrow, Narrow]:
    """Derivatives of p = kl_inverse_upper(q, c): (dp/dq, dp/dc), by the implicit function theorem.

    Args:
        q: in the open interval (0, 1), any shape.
        c: positive and finite, of a shape that broadcasts with `q`.

    Raises:
        InputError: if `q` or `c` is outside its range.
    """
    q, c = _read_wide(q, c)
    if np.any((q == 0) | (q == 1) | (c == 0) | np.isinf(c)):
        raise InputError("the derivatives of the inverse kl need 0 < q < 1 and 0 < c < inf")
    p = np.minimum(_newton(q, _start_above(q, c), c), 1 - WIDE_EPS)
    by_c = p * (1 - p) / (p - q)
    by_q = (np.log((1 - q) / (1 - p)) + np.log(p / q)) * by_c
    return by_q.astype(np.float64)[()], by_c.astype(np.float64)[()]


def _read(q: ArrayLike, c: ArrayLike) -> tuple[NDArray, NDArray]:
    """Numbers of one shape, each float64 or long double as it was given.

    Raises:
        InputError: if a number is not in its range.
    """
    budget = as_float(c)
    if not np.all(budget >= 0):
        raise InputError(f"c must be >= 0, got {first_bad(budget, np.asarray(budget >= 0))}")
    probability, limit = np.broadcast_arrays(read_probability("q", q), budget)
    return probability, limit


def _read_wide(q: ArrayLike, c: ArrayLike) -> tuple[NDArray[np.longdouble], NDArray[np.longdouble]]:
    narrow_q, narrow_c = _read(q, c)
    return np.asarray(narrow_q, np.longdouble), np.asarray(narrow_c, np.longdouble)


def _entropy(q: Wide) -> Wide:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(q == 0, 0, -q * np.log(q)) + np.where(q == 1, 0, -(1 - q) * np.log1p(-q))


def _start_above(q: Wide, c: Wide) -> Wide:
    """An upper bound on the root within a constant factor of its distance from q and from 1.

    Pinsker; its local forms kl >= (p-q)^2 / (2 max x(1-x)) for x between; kl >= (1-q) ln(1/(1-p)) - entropy.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        pinsker = q + np.sqrt(c / 2)
        small_q = q + np.sqrt(2 * q * c) + 2 * c
        large_q = q + np.sqrt(2 * (1 - q) * c)
        near_one = -np.expm1(-(c + _entropy(q)) / (1 - q))
    starts = (np.where(np.isnan(start), 1, start) for start in (pinsker, small_q, large_q, near_one))
    return np.minimum.reduce([*starts, np.ones_like(q)])


def _start_below(q: Wide, c: Wide) -> Wide:
    """A lower bound on the root: the mirror image of `_start_above`."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        pinsker = q - np.sqrt(c / 2)
        small_q = q - np.sqrt(2 * q * c)
        large_q = q - np.sqrt(2 * (1 - q) * c) - 2 * c
        near_zero = np.exp(-(c + _entropy(q)) / q)
    starts = (np.where(np.isnan(start), 0, start) for start in (pinsker, small_q, large_q, near_zero))
    return np.maximum.reduce([*starts, np.zeros_like(q)])


def _made_infeasible(q: Wide, p: Narrow, c: Wide, end: float) -> NDArray[np.float64]:
    """Move float64 points step by step towards `end` until kl(q||p) >= c is certain."""
    moved = np.ravel(p).copy()
    q, c = np.ravel(q), np.ravel(c)
    wrong = np.flatnonzero(moved != end)
    while wrong.size:
        wrong = wrong[wide_kl(q[wrong], wide(moved[wrong])) * (1 - KL_ERROR) < c[wrong]]
        moved[wrong] = np.nextafter(moved[wrong], end)
        wrong = wrong[moved[wrong] != end]
    return moved.reshape(np.shape(p))


def _newton(q: Wide, start: Wide, c: Wide) -> Wide:
    """Solve kl(q||p) = c from the infeasible side, where Newton's iteration on a convex function stays.

    A point rests when its steps are down to rounding or stop shrinking; where kl is infinite it rests at once.
    """
    p, last = np.ravel(start).copy(), np.full(np.size(start), np.inf)
    q, c, moving = np.ravel(q), np.ravel(c), np.arange(np.size(start))
    while moving.size:
        at, target = p[moving], q[moving]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
            excess = wide_kl(target, at) - c[moving]
            step = np.where(np.isfinite(excess), excess * at * (1 - at) / (at - target), 0)
        size = np.abs(step).astype(np.float64)
        shrinks = size < last[moving]
        p[moving[shrinks]] -= step[shrinks]
        last[moving] = size
        moving = moving[shrinks & (size > 4 * WIDE_EPS * at)]
    return p.reshape(np.shape(start))
