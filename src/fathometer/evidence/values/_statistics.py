"""The few exact distributions that the judge needs; NumPy has none of them."""

import math

import numpy as np
from numpy.typing import NDArray


def binomial_upper_tail(successes: int, trials: int, probability: float) -> float:
    """P(Bin(trials, probability) >= successes), summed in the log domain."""
    if successes <= 0:
        return 1.0
    if probability <= 0 or successes > trials:
        return 0.0
    if probability >= 1:
        return 1.0
    counts = np.arange(successes, trials + 1)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, trials + 1)))])
    log_terms = (
        log_factorial[trials]
        - log_factorial[counts]
        - log_factorial[trials - counts]
        + counts * math.log(probability)
        + (trials - counts) * math.log1p(-probability)
    )
    return min(1.0, float(np.exp(np.sort(log_terms)).sum()))


def binomial_lower_tail(successes: int, trials: int, probability: float) -> float:
    """P(Bin(trials, probability) <= successes)."""
    return binomial_upper_tail(trials - successes, trials, 1 - probability)


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

    The interval is for independent Gaussian deviations of equal variance; three points are needed for one.
    """
    centred = x - x.mean()
    spread = float(centred @ centred)
    slope = float(centred @ (y - y.mean())) / spread
    residual = y - y.mean() - slope * centred
    freedom = len(x) - 2
    half = student_quantile((1 + confidence) / 2, freedom) * math.sqrt(float(residual @ residual) / freedom / spread)
    return slope, slope - half, slope + half
