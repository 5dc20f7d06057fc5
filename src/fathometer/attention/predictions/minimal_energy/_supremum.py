"""How far a sum of cosines rises above the kernel, at most: proved between grid points, with rounding."""

import numpy as np

from fathometer.attention.predictions.minimal_energy._cosine_polynomials import Reals, excess

_HALF = 2.0**-9
"""Half-width of the first cells. Their ends and middles are dyadic numbers, exact in float64: they leave no gap."""
_HALVINGS = 40
_MOST_CELLS = 8192
_FINEST = 1e-18
_EPS = np.finfo(np.longdouble).eps


def largest_excess(cosines: Reals, beta: float) -> float:
    """Upper bound of g(a) = sum_m c_m cos(m a) - exp(beta (cos a - 1)) over all angles a, and of 0.

    [0, pi] is covered by cells, and each that Taylor's formula does not settle is halved: in a cell of half-width s
    about a, g is at most g(a) + |g'(a)| s + max(0, g''(a) + M s) s^2 / 2 with M at least |g'''|. Where the sum touches
    the kernel, g'' is negative and few cells remain. Rounding of the sums is added (`_rounding`).

    Args:
        cosines: c, shape (D + 1,).
        beta: inverse temperature, >= 0.
    """
    if not np.any(cosines):
        return 0.0
    third, room = _third_derivative(cosines, beta), _rounding(cosines)
    half, middles = _HALF, np.arange(_HALF, np.pi + _HALF, 2 * _HALF)
    seen = settled = rest = 0.0
    for _ in range(_HALVINGS):
        g, slope, curvature = excess(cosines, beta, middles)
        most = g + np.abs(slope) * half + np.maximum(0, curvature + third * half) * half**2 / 2
        seen = max(seen, float(g.max()))
        left = most > seen * (1 + 1e-3) + _FINEST
        settled = max(settled, float(np.max(most[~left], initial=0)))
        rest = float(np.max(most[left], initial=0))
        if not 0 < np.sum(left) < _MOST_CELLS:
            break
        half /= 2
        middles = np.concatenate([middles[left] - half, middles[left] + half])
    return _up(max(settled, rest)) + room


def _up(value: float) -> float:
    """No less than the number in the wide format that was rounded to this one."""
    return value * (1 + 1e-15) + 1e-300


def _third_derivative(cosines: Reals, beta: float) -> float:
    """At least the third derivative of g in absolute value.

    With x = sqrt(beta) sin(a/2) the kernel's is at most (beta^(3/2) (8 x^3 + 6 x) + beta^(1/2) 2 x) exp(-2 x^2), whose
    parts are below 2.62 beta^(3/2) and 0.61 beta^(1/2).
    """
    orders = np.arange(len(cosines))
    return float(np.sum(orders**3 * np.abs(cosines)) * (1 + 1e-9)) + 2.7 * beta**1.5 + 0.7 * beta**0.5


def _rounding(cosines: Reals) -> float:
    """Error of a sum of D + 1 cosines, each of an argument up to pi D, and of the kernel, in the wide format."""
    size = float(np.sum(np.abs(cosines)))
    return float((10 * len(cosines) + 30) * _EPS * (size + 1))
