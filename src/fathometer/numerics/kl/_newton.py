"""The inverse of kl(q||p) for many points at once: Halley's iteration in float64, then one step in the wide format."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from fathometer.numerics.arithmetic._rounding import WIDE_EPS, Wide, round_up, wide

_BLOCK = 4096
"""Points that are worked on at once, so that they stay in the processor's cache."""
_HALLEY_STEPS = 2
_BELOW_ONE = np.nextafter(1.0, 0.0)
_TINY = 1e-290
_EPS = float(WIDE_EPS)
_ERROR = 32 * _EPS
"""Error of the end of the wide step, relative to p: that of the two logarithms, which are at most about p - q."""


def inverse_from_above(q: NDArray, c: NDArray) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Points not below the p >= q with kl(q||p) = c, and whether each is that p, rounded up.

    Args:
        q: shape (points,), in [0, 1], float64 or long double.
        c: shape (points,), in [0, inf].
    """
    parts = range(0, max(q.size, 1), _BLOCK)
    pairs = [(q[first : first + _BLOCK], c[first : first + _BLOCK]) for first in parts]
    if len(pairs) < 8:
        done = [_block(*pair) for pair in pairs]
    else:
        with ThreadPoolExecutor(os.cpu_count()) as executor:
            done = list(executor.map(lambda pair: _block(*pair), pairs))
    inverses, sharp = zip(*done, strict=True)
    return np.concatenate(inverses), np.concatenate(sharp)


def _block(q: NDArray, c: NDArray) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """One block; see `inverse_from_above`.

    Newton's step on a convex function ends on its right side, wherever in (q, 1) it starts. Its end is off by at most
    step^2 kl'' / (2 kl') to second order, which is compared with the rounding of the wide format (derived).
    """
    narrow_q = q.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        p = _halley(narrow_q, c.astype(np.float64))
        excess = np.asarray(_excess(wide(q), wide(c), wide(p)), np.float64)
        away = p - narrow_q
        slope = away / (p * (1 - p))
        step = excess / slope
        off = step * step * (away * away + narrow_q * (1 - narrow_q)) * slope / (2 * away * away)
        sharp = (off <= _EPS * p) & (p > _TINY)
        inverse = np.minimum(_sum_up(p, _ERROR * p - step), 1.0)
        beyond = (p >= _BELOW_ONE) & (excess < 0)
        inverse[beyond] = 1.0
        if np.any(none := narrow_q == 0):
            inverse[none] = np.minimum(round_up(-np.expm1(-wide(c[none]))), 1.0)
    return inverse, sharp | beyond | none


def _excess(q: Wide, c: Wide, p: Wide) -> Wide:
    """kl(q||p) - c, to a few units of the wide format times p - q, or times (1-q)^2/(1-p) where p is close to 1.

    In the root both are a few units times p, because the derivative of kl in p is (p-q)/(p(1-p)).
    """
    away, rest = p - q, 1 - q
    return -rest * np.log1p(-away / rest) - q * np.log1p(away / q) - c


def _sum_up(p: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """The least float64 that is not below p + step, for a step far smaller than p: its rounding is known exactly."""
    total = p + step
    return np.where(step > total - p, np.nextafter(total, np.inf), total)


def _halley(q: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Halley's iteration from 1 - p = (1-q) exp(-t), t^2 = 2qw + w^2, w = c/(1-q); NaN where it leaves (q, 1).

    The start is exact for q = 0 and to first order for small c (derived).
    """
    rest = 1 - q
    spread, w = q * rest, c / rest
    p = q - rest * np.expm1(-np.sqrt(w * (2 * q + w)))
    for _ in range(_HALLEY_STEPS):
        p = np.minimum(p, _BELOW_ONE)
        away = p - q
        slope = away / (p * (1 - p))
        step = (c + q * np.log1p(away / q) + rest * np.log1p(-away / rest)) / slope
        p = p + step / (1 + step * (away * away + spread) * slope / (2 * away * away))
    return np.minimum(p, _BELOW_ONE)
