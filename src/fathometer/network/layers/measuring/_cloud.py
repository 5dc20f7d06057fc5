"""What is kept of the tokens of one text at one site: numbers, not tokens."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.special import ive

from fathometer.attention import centred_directions, centred_mean_cosine, mean_cosine
from fathometer.evidence import InputError, finite_array
from fathometer.network.layers.measuring._field import tiles

BINS = 100
"""Of the histogram of the cosines in [-1, 1] that is kept."""
_FINE = 2000
"""Of the one that quantiles come from."""
_CLOSE = 0.99
_LEVELS = (0.05, 0.5, 0.95)
_DEGREE = 96
LARGEST_BETA = 128.0
"""Up to here the energy of a cloud is known to rounding from its `Cloud.moments`: I_97(128) exp(-128) is 4e-18."""

NUMBERS = (
    "mean_cosine",
    "cosine_q05",
    "cosine_median",
    "cosine_q95",
    "close_pairs",
    "centred_mean_cosine",
    "centred_q95",
    "effective_rank",
    "spectral_rank",
)
"""What `Cloud.numbers` are."""
LIMITS = np.array([-1.0, -1, -1, -1, 0, -1, -1, 1, 1]), np.array([1.0, 1, 1, 1, 1, 1, 1, np.inf, np.inf])
"""Their ranges."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """Tokens of one text at one site.

    Attributes:
        numbers: the `NUMBERS`. Quantiles of cosines are those of the histogram, to 0.001.
        moments: means of the Chebyshev polynomials T_k(<x_i, x_j>) over all pairs, i = j too, k = 0, ..., 96.
        histogram: shares of the pairs i < j by cosine, in 100 equal bins of [-1, 1].
    """

    numbers: Float[np.ndarray, " numbers"]
    moments: Float[np.ndarray, " degrees"]
    histogram: Float[np.ndarray, " bins"]


def unit_tokens(tokens: ArrayLike, name: str) -> Float[np.ndarray, "n d"]:
    """Rows divided by their norms, float64.

    Raises:
        InputError: if a row is zero or not finite.
    """
    rows = finite_array(name, tokens, ndim=2)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if np.any(norms == 0):
        raise InputError(f"{name} must have nonzero rows, token {int(np.argmin(norms[:, 0]))} is zero")
    return rows / norms


def measure_cloud(points: Float[np.ndarray, "n d"]) -> Cloud:
    """Look at all pairs of two or more unit tokens, in memory proportional to n.

    Args:
        points: unit vectors.
    """
    masses = np.full(len(points), 1 / len(points))
    moments, counts, close = _pairs(points)
    directions = centred_directions(points, masses)
    away = _pairs(directions[np.any(directions != 0, axis=1)], degree=0)[1]
    numbers = (
        float(mean_cosine(points, masses)),
        *_quantiles(counts),
        close,
        float(centred_mean_cosine(points, masses)),
        _quantiles(away)[-1],
        *_ranks(points),
    )
    return Cloud(np.array(numbers), moments, counts.reshape(BINS, -1).sum(axis=1) / np.sum(counts))


def energy(moments: Float[np.ndarray, "*t degrees"], beta: float) -> Float[np.ndarray, "*t"]:
    """Unit energy sum_ij exp(beta (<x_i, x_j> - 1)) / n^2 from the `Cloud.moments`, for any beta up to 128.

    exp(beta t) = I_0(beta) + 2 sum_k I_k(beta) T_k(t) with the modified Bessel functions (Abramowitz and Stegun,
    9.6.34), of which those beyond the last moment are rounding.

    Args:
        moments: of one cloud or of many.
        beta: inverse temperature, in [0, 128].

    Raises:
        InputError: if beta is beyond.
    """
    if not 0 <= beta <= LARGEST_BETA:
        raise InputError(f"beta must be between 0 and {LARGEST_BETA:g}, got {beta:g}")
    weights = ive(np.arange(_DEGREE + 1), beta) * np.where(np.arange(_DEGREE + 1) == 0, 1, 2)
    return np.asarray(moments @ weights)


def _pairs(points: Float[np.ndarray, "n d"], degree: int = _DEGREE) -> tuple[NDArray, NDArray, float]:
    """Moments over all pairs, counts of the cosines of different tokens, and the share of these above 0.99."""
    n = len(points)
    moments, counts, close = np.zeros(degree + 1), np.zeros(_FINE), 0
    for rows in tiles(n):
        cosines = np.clip(points[rows] @ points.T, -1, 1)
        moments += _chebyshev_sums(cosines, degree)
        cosines[np.arange(len(rows)), rows] = np.nan
        others = cosines[~np.isnan(cosines)]
        counts += np.bincount(np.minimum((others + 1) * (_FINE / 2), _FINE - 1).astype(np.int64), minlength=_FINE)
        close += int(np.sum(others > _CLOSE))
    return moments / max(1, n) ** 2, counts, close / max(1, n * (n - 1))


def _chebyshev_sums(values: NDArray[np.float64], degree: int) -> Float[np.ndarray, " degrees"]:
    """Sums of T_k over all values, by the recurrence."""
    sums = np.empty(degree + 1)
    before, now = values, np.ones_like(values)  # T_{-1} = T_1
    for k in range(degree + 1):
        sums[k] = np.sum(now)
        before, now = now, 2 * values * now - before
    return sums


def _quantiles(counts: Float[np.ndarray, " bins"]) -> list[float]:
    """Quantiles of a histogram, linear within a bin; NaN if there is no pair."""
    total = np.cumsum(counts)
    if total[-1] == 0:
        return [np.nan] * len(_LEVELS)
    edges = np.linspace(-1, 1, _FINE + 1)
    return [float(x) for x in np.interp(np.array(_LEVELS) * total[-1], np.append(0.0, total), edges)]


def _ranks(points: Float[np.ndarray, "n d"]) -> tuple[float, float]:
    """Exponentials of the entropies of the singular values and of their squares (see attention's effective rank)."""
    n, d = points.shape
    squares = np.maximum(np.linalg.eigvalsh(points @ points.T if n <= d else points.T @ points), 0.0)
    return _spread(np.sqrt(squares)), _spread(squares)


def _spread(weights: Float[np.ndarray, " k"]) -> float:
    shares = weights[weights > 0] / np.sum(weights)
    return float(np.exp(-np.sum(shares * np.log(shares))))
