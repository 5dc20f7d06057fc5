"""Confidence intervals of means, shares and slopes, and the exact distributions behind them; NumPy has none."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MOST_FREEDOM = 1000
"""Degrees of freedom that a mean has at most: Student's quantile falls with them, beyond by 0.6 % at 1 - 1e-6."""


def mean_interval(values: NDArray[np.float64], confidence: float) -> tuple[NDArray, NDArray, NDArray]:
    """Means over the last axis with their two-sided Student intervals: (mean, lower, upper).

    A mean of nothing is NaN; the interval of one value is open to both sides.

    Args:
        values: shape (..., n); what is not finite is left out.
        confidence: in (0, 1).
    """
    kept = np.isfinite(values)
    count = np.sum(kept, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.sum(values, axis=-1, where=kept) / count
        squares = np.sum((values - mean[..., None]) ** 2, axis=-1, where=kept)
        half = _student_quantiles((1 + confidence) / 2, count - 1) * np.sqrt(squares / (count - 1) / count)
    half = np.where(np.isnan(half), np.inf, half)
    return mean, mean - half, mean + half


def share_interval(hits: NDArray, maybe: NDArray, draws: int, confidence: float) -> tuple[NDArray, NDArray]:
    """Clopper and Pearson's interval of a probability, which covers at least as often as it says: (lower, upper).

    Args:
        hits: how many of the draws surely hit, whole numbers in [0, draws] of any shape.
        maybe: how many may have hit, in [hits, draws], of the same shape.
        draws: how many independent draws there were, at least 1.
        confidence: in (0, 1).
    """
    tail = (1 - confidence) / 2
    lower, rest = (_of_each(lambda k: _least_probability(k, draws, tail), count) for count in (hits, draws - maybe))
    return lower, 1 - rest


def _of_each(function: Callable[[int], float], numbers: NDArray) -> NDArray[np.float64]:
    """A function of every whole number, evaluated once for those that are equal."""
    distinct, places = np.unique(numbers, return_inverse=True)
    return np.array([function(int(number)) for number in distinct], np.float64)[places].reshape(np.shape(numbers))


def _least_probability(successes: int, trials: int, tail: float) -> float:
    """The p with P(Bin(trials, p) >= successes) = tail, from below by bisection; 0 for no successes."""
    low, high = 0.0, float(successes > 0)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if binomial_upper_tail(successes, trials, middle) <= tail else (low, middle)
    return low


def binomial_upper_tail(successes: int, trials: int, probability: float) -> float:
    """P(Bin(trials, probability) >= successes), summed in the log domain.

    Args:
        successes: any whole number.
        trials: at least 1.
        probability: in [0, 1].
    """
    if successes <= 0:
        return 1.0
    if probability <= 0 or successes > trials:
        return 0.0
    if probability >= 1:
        return 1.0
    counts = np.arange(successes, trials + 1)
    log_terms = counts * math.log(probability) + (trials - counts) * math.log1p(-probability)
    log_factorials = _log_factorials(trials)
    log_terms += log_factorials[trials] - log_factorials[counts] - log_factorials[trials - counts]
    return min(1.0, float(np.exp(np.sort(log_terms)).sum()))


def binomial_lower_tail(successes: int, trials: int, probability: float) -> float:
    """P(Bin(trials, probability) <= successes).

    Args:
        successes: any whole number.
        trials: at least 1.
        probability: in [0, 1].
    """
    return binomial_upper_tail(trials - successes, trials, 1 - probability)


@lru_cache(maxsize=4)
def _log_factorials(most: int) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _student_quantiles(level: float, freedom: NDArray) -> NDArray[np.float64]:
    return _of_each(lambda degrees: student_quantile(level, degrees), np.clip(freedom, 1, MOST_FREEDOM))


def student_quantile(level: float, freedom: int) -> float:
    """Quantile of Student's t at `level` in [0.5, 1), by bisection on the finite sums of its distribution function.

    Source: Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 + _central_mass(middle, freedom) / 2 < level else (low, middle)
    return math.sqrt(freedom) * math.tan(high)


def _central_mass(angle: float, freedom: int) -> float:
    """P(|T| <= sqrt(freedom) tan(angle))."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    if freedom == 1:
        return 2 * angle / math.pi
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(freedom // 2):
        total += term
        term *= cosine**2 * (2 * k + 1 + odd) / (2 * k + 2 + odd)
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def slope_interval(x: NDArray, y: NDArray, confidence: float) -> tuple[float, float, float]:
    """Least-squares slope of y on x with its two-sided Student interval: (slope, lower, upper).

    The interval is for independent Gaussian deviations of equal variance.

    Args:
        x: shape (n,), n >= 3, not all the same.
        y: shape (n,).
        confidence: in (0, 1).
    """
    centred = x - x.mean()
    spread = float(centred @ centred)
    slope = float(centred @ (y - y.mean())) / spread
    residual = y - y.mean() - slope * centred
    freedom = len(x) - 2
    half = student_quantile((1 + confidence) / 2, freedom) * math.sqrt(float(residual @ residual) / freedom / spread)
    return slope, slope - half, slope + half
