"""Tokens with one common cosine: they keep one, and it solves a scalar equation."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.spatial.distance import pdist

from fathometer.attention.model._hypotheses import EQUAL_MASSES
from fathometer.attention.model._system import Model, ParticleSystem, read_model
from fathometer.attention.observables._cosines import extreme_cosines
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Estimate,
    Hypothesis,
    Problem,
    finite_array,
    finite_number,
    whole_number,
)


def equiangular_deficit(
    times: ArrayLike, cosine_start: float, n: int, beta: float, model: Model | str
) -> NDArray[np.float64]:
    """1 - cosine of n equiangular tokens of equal mass at the times t, to about 1e-12 (1 + t) of itself.

    On the logit scale z = log((1 + (n - 1) rho) / (1 - rho)) the equation is dz/dt = 2 q for USA and
    2 n q / (1 + (n - 1) q) for SA, q = exp(-beta (1 - rho)) (Geshkovski et al. 2023, section on high dimension;
    `equiangular_log_time` is its inverse).

    Args:
        times: from 0 on, increasing.
        cosine_start: at time 0; above -1/(n - 1), below 1.
        n: number of tokens, >= 2.
        beta: inverse temperature, >= 0.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    times = finite_array("times", times, ndim=1)
    n = whole_number("n", n, at_least=2)
    rho = finite_number("cosine_start", cosine_start, above=-1 / (n - 1), below=1)
    beta, sa = finite_number("beta", beta, at_least=0), read_model(model) is Model.SA

    def deficit(z: NDArray[np.float64]) -> NDArray[np.float64]:
        return n * np.exp(-z) / (1 + (n - 1) * np.exp(-z))

    def speed(t: float, z: NDArray[np.float64]) -> NDArray[np.float64]:
        q = np.exp(-beta * deficit(z))
        return 2 * n * q / (1 + (n - 1) * q) if sa else 2 * q

    start = np.log1p((n - 1) * rho) - np.log1p(-rho)
    end = max(float(times[-1]), np.finfo(float).tiny)
    solution = solve_ivp(speed, (0.0, end), [start], "DOP853", times, rtol=1e-12, atol=1e-12)
    return deficit(solution.y[0])


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
