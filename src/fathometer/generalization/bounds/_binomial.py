"""Binomial tails in the wide format, and the limits that invert them."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fathometer.numerics import Narrow, Wide, kl_inverse_upper, round_down, round_up, wide, wide_kl
from fathometer.numerics.arithmetic._gamma_ratio import PI, half_step_gamma_ratio

# Coefficients B_2k / (2k (2k-1)) of Stirling's series.
_STIRLING = tuple(
    wide(a) / b for a, b in ((1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188), (-691, 360360), (1, 156))
)
_SERIES_FROM = 64
_BLOCK = 256
_SUMMED_TO = 1e13
_BELOW_ONE = 1 - np.finfo(np.longdouble).epsneg


def clopper_pearson_upper(k: Wide, n: Wide, delta: Wide) -> Narrow:
    """sup{p: P(Bin(n, p) <= k) >= delta}, never rounded down; 1 where k = n.

    Newton's iteration on the logarithm of the tail, from SciPy's quantile of the beta distribution.

    Args:
        k: whole numbers in [0, n], any shape.
        n: whole numbers of at least 1.
        delta: in (0, 1).
    """
    k, n, delta = (np.asarray(v) for v in np.broadcast_arrays(wide(k), wide(n), wide(delta)))
    inner = np.minimum(k, n - 1)
    start = wide(special.betainccinv(*(v.astype(np.float64) for v in (inner + 1, n - inner, delta))))
    one = (k == n) | (start >= 1)  # no float64 lies between the limit and 1
    # SciPy has no quantile for more than about 1e16 points or delta below 1e-307; long tails take minutes to sum.
    missing = np.isnan(start) | (inner > _SUMMED_TO)
    p, inner = np.where((start >= 1) | missing, 0.5, start), np.where(missing, 0, inner)
    for _ in range(3):
        series = _tail_over_term(inner, n, p)
        excess = log_binomial_term(inner, n, p) + np.log(series) - np.log(delta)
        p = np.minimum(p + excess * (1 - p) * series / (n - inner), _BELOW_ONE)
    none = -np.expm1(np.log(delta) / n)
    limit = np.where(one, 1.0, np.minimum(round_up(np.where(k == 0, none, p)), 1.0))
    if np.any(missing & (k > 0)):  # Chernoff's limit is larger, and in these extremes hardly so
        limit = np.where(missing & (k > 0), kl_inverse_upper(k / n, -np.log(delta) / n), limit)
    return limit[()]


def clopper_pearson_lower(k: Wide, n: Wide, delta: Wide) -> Narrow:
    """inf{p: P(Bin(n, p) >= k) >= delta}, never rounded up; 0 where k = 0.

    The mirror image of the upper limit of n - k, with an absolute error of about 1e-16.

    Args:
        k: whole numbers in [0, n], any shape.
        n: whole numbers of at least 1.
        delta: in (0, 1).
    """
    return np.maximum(round_down(1 - wide(clopper_pearson_upper(wide(n) - k, n, delta)), slack=0), 0.0)


def log_binomial_term(k: Wide, n: Wide, p: Wide) -> Wide:
    """Ln P(Bin(n, p) = k), by Loader's saddle-point form, in which nothing large cancels.

    Args:
        k: whole numbers in [0, n], any shape.
        n: whole numbers of at least 1.
        p: in (0, 1).
    """
    return log_largest_term(k, n) - n * wide_kl(k / n, p)


def log_largest_term(k: Wide, n: Wide) -> Wide:
    """Ln of C(n,k) (k/n)^k (1-k/n)^(n-k), which is P(Bin(n, k/n) = k)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = _remainder(n) - _remainder(k) - _remainder(n - k) + np.log(n / (2 * PI * k * (n - k))) / 2
    return np.where((k == 0) | (k == n), 0, inner)


def log_kt_regret(k: Wide, n: Wide) -> Wide:
    """Ln of max_p p^k (1-p)^(n-k) over its mean under Beta(1/2, 1/2); largest, ln KT(n), at k = 0 and k = n."""
    return np.log(PI * half_step_gamma_ratio(k + 0.5) * half_step_gamma_ratio(n - k + 0.5)) + log_largest_term(k, n)


def _remainder(n: Wide) -> Wide:
    """Ln n! - n ln n + n - ln(2 pi n)/2 for whole n >= 0 (infinite or NaN at 0)."""
    small = np.arange(1, _SERIES_FROM, dtype=np.longdouble)
    exact = np.cumsum(np.log(small)) - small * np.log(small) + small - np.log(2 * PI * small) / 2
    table = np.concatenate([[np.longdouble(np.inf)], exact])
    series = sum(c / n ** (2 * i + 1) for i, c in enumerate(_STIRLING))
    return np.where(n < _SERIES_FROM, table[np.minimum(n, _SERIES_FROM - 1).astype(int)], series)


def _tail_over_term(k: Wide, n: Wide, p: Wide) -> NDArray[np.longdouble]:
    """P(Bin(n, p) <= k) / P(Bin(n, p) = k): positive terms with falling ratios, summed until they are negligible."""
    k, n, odds = (np.asarray(v)[..., None] for v in np.broadcast_arrays(k, n, (1 - p) / p))
    total, last = np.ones(k.shape, np.longdouble), np.ones(k.shape, np.longdouble)
    for first in range(0, int(np.max(k)), _BLOCK):
        j = np.arange(first, first + _BLOCK, dtype=np.longdouble)
        ratios = np.maximum(k - j, 0) / (n - k + j + 1) * odds
        terms = last * np.cumprod(ratios, axis=-1)
        total, last = total + terms.sum(axis=-1, keepdims=True), terms[..., -1:]
        if np.all((last < 1e-24 * total) & (ratios[..., -1:] < 1)):
            break
    return total[..., 0]
