"""Tokens with one common cosine: they keep one, which is known at any time and after a layer."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.spatial.distance import pdist

from fathometer.attention.model._hypotheses import EQUAL_MASSES
from fathometer.attention.model._system import Model, ParticleSystem, read_model
from fathometer.attention.observables._cosines import extreme_cosines
from fathometer.attention.predictions._closed_forms import logit_log_time
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    finite_array,
    finite_number,
    whole_number,
)

_FARTHEST = 1600.0
"""Length on the logit scale beyond which 1 - cosine is zero as a float."""
_SHORTEST = -690.0
"""Log of a length that changes no cosine."""


def equiangular_deficit(
    times: ArrayLike, cosine_start: float, n: int, beta: float, model: Model | str
) -> NDArray[np.float64]:
    """1 - cosine of n equiangular tokens of equal mass at the times t, to about 1e-14 (1 + t) of itself.

    The inverse of `equiangular_log_time`, by a root search for every time.

    Args:
        times: shape (length,), >= 0.
        cosine_start: at time 0; above -1/(n - 1), below 1.
        n: number of tokens, >= 2.
        beta: inverse temperature, >= 0.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    times = finite_array("times", times, ndim=1)
    if np.any(times < 0):
        raise InputError(f"times must be >= 0, got {times.min():g}")
    n = whole_number("n", n, at_least=2)
    start = finite_number("cosine_start", cosine_start, above=-1 / (n - 1), below=1)
    beta, model = finite_number("beta", beta, at_least=0), read_model(model)
    odds = (1 - start) / float(1 + (n - 1) * Fraction(start))
    left = odds * np.exp([-_equiangular_length(t, start, n, beta, model) for t in times])
    return n * left / (1 + (n - 1) * left)


def _equiangular_length(time: float, start: float, n: int, beta: float, model: Model) -> float:
    """How far the logit has come at a time: at a speed between that at the start and 2, its limit at cosine 1."""
    if time == 0:
        return 0.0
    q = np.exp(-beta * (1 - start))
    slowest = np.log(2 * n * q / (1 + (n - 1) * q) if model is Model.SA else 2 * q) if q > 0 else -np.inf
    low, high = np.log(time) + slowest, np.log(min(2 * time, _FARTHEST))

    def early(log_length: float) -> float:
        return logit_log_time(np.exp(log_length), start, n, beta, model) - np.log(time)

    return float(np.exp(_root(early, max(low, _SHORTEST), high)))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root of an increasing function, or the end that is next to it if rounding puts it outside."""
    if function(high) <= 0:
        return high
    return low if function(low) >= 0 else float(brentq(function, low, high, xtol=1e-16))  # type: ignore[arg-type]


def layer_cosine(cosine: float, n: float, gamma: float) -> float:
    """Cosine between the attention averages of two of n equiangular tokens at beta = gamma log n (derived; exact).

    Args:
        cosine: between the tokens; in [0, 1).
        n: number of tokens, >= 2; a float, because the limit is of interest.
        gamma: beta / log n, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    rho = finite_number("cosine", cosine, at_least=0, below=1)
    n, gamma = finite_number("n", n, at_least=2), finite_number("gamma", gamma, at_least=0)
    own = 1 / (1 + (n - 1) * n ** (-gamma * (1 - rho)))
    other = (1 - own) / (n - 1)
    product = rho + (1 - rho) * (2 * own * other + (n - 2) * other**2)
    return product / (rho + (1 - rho) * (own**2 + (n - 1) * other**2))


def layer_cosine_limit(cosine: float, gamma: float) -> float:
    """Limit of `layer_cosine` for n to infinity, with a jump at gamma = 1/(1 - cosine).

    1 below it, 4 rho / (1 + 3 rho) at it, rho above it: with too small a beta, one layer of a long context makes all
    tokens alike (Rigollet 2025, survey of the mean-field dynamics of Transformers).

    Args:
        cosine: in (0, 1).
        gamma: beta / log n, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    rho = finite_number("cosine", cosine, above=0, below=1)
    critical = finite_number("gamma", gamma, at_least=0) * (1 - rho)
    if np.isclose(critical, 1, rtol=1e-14, atol=0):
        return 4 * rho / (1 + 3 * rho)
    return 1.0 if critical < 1 else rho


def orthogonal_deficit_bound(times: Float[np.ndarray, " t"], n: int, beta: float) -> Float[np.ndarray, " t"]:
    """Bound (1/2) exp(n (n exp(beta)/2 - t)/(n + exp(beta/2))) on 1 - cosine of n orthogonal tokens (SA).

    For t >= n exp(beta)/2; it is printed for t >= 0, where it is false (Geshkovski et al. 2023, high dimension).

    Args:
        times: t >= 0.
        n: number of tokens, >= 2.
        beta: inverse temperature, >= 0.
    """
    with np.errstate(over="ignore"):
        return np.exp(n / (n + np.exp(beta / 2)) * (n * np.exp(beta) / 2 - times)) / 2


def curve_deviation_bound(times: Float[np.ndarray, " t"], d: int, beta: float) -> Float[np.ndarray, " t"]:
    """Bound 2 exp(2 (beta + 3) t) sqrt(log d / d) on the distance of all cosines from the curve of orthogonal tokens.

    The cosines obey a closed equation whose right-hand side has the Lipschitz constant 2 (beta + 3) in the largest
    entry: 2 beta from the weights, 6 from the averages (derived). At time 0 no cosine may be above 2 sqrt(log d / d).

    Args:
        times: t >= 0.
        d: dimension, >= 2.
        beta: inverse temperature, >= 0.
    """
    return 2 * np.exp(np.minimum(2 * (beta + 3) * times, 700.0)) * np.sqrt(np.log(d) / d)


def printed_deviation_bound(times: Float[np.ndarray, " t"], n: int, d: int, beta: float) -> Float[np.ndarray, " t"]:
    """The larger bound 2 exp(10 max(1, beta) n t) sqrt(log d / d) of Geshkovski et al. (2023).

    Args:
        times: t >= 0.
        n: number of tokens, >= 2.
        d: dimension, >= 2.
        beta: inverse temperature, >= 0.
    """
    return 2 * np.exp(np.minimum(10 * max(1.0, beta) * n * times, 700.0)) * np.sqrt(np.log(d) / d)


def common_cosine(system: ParticleSystem) -> float:
    """Mean of the smallest and the largest cosine between two tokens at time 0; NaN if they cannot be equiangular.

    No more than d + 1 tokens of R^d, and no fewer than two, have one common cosine below 1.
    """
    n, d = system.points.shape
    return float(np.mean(extreme_cosines(system.points[None]))) if n <= d + 1 else np.nan


def _gaps(problem: Problem) -> Float[np.ndarray, " pairs"]:
    """1 - cosine of all pairs, with their digits; none if there are too few or too many tokens."""
    points = ParticleSystem.expect(problem).points
    n, d = points.shape
    return pdist(points) ** 2 / 2 if n <= d + 1 else np.empty(0)


def _spread(problem: Problem) -> Estimate:
    gaps = _gaps(problem)
    return Estimate.exact(np.ptp(gaps) if gaps.size else np.nan)


def _apart(problem: Problem) -> Estimate:
    gaps = _gaps(problem)
    return Estimate.exact((np.min(gaps) + np.max(gaps)) / 2 if gaps.size else 0.0)


EQUIANGULAR = (
    Hypothesis("2 to d + 1 tokens, apart", AtLeast(1e-6, domain=(0, 2)), _apart),
    Hypothesis("one common cosine", AtMost(1e-9), _spread),
    EQUAL_MASSES,
)
