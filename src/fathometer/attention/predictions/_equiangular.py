"""Tokens with one common cosine: they keep one, and it solves a scalar equation."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.spatial.distance import pdist

from fathometer.attention.model._hypotheses import EQUAL_MASSES
from fathometer.attention.model._system import Model, ParticleSystem, read_model
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


def extreme_cosines(points: Float[np.ndarray, "t n d"]) -> Float[np.ndarray, "t 2"]:
    """Smallest and largest cosine between two tokens, for each of t states of n >= 2 tokens."""
    upper = np.triu_indices(points.shape[1], 1)
    pairs = np.stack([(state @ state.T)[upper] for state in points])
    return np.stack([pairs.min(axis=1), pairs.max(axis=1)], axis=1)


def common_cosine(system: ParticleSystem) -> float:
    """Mean of the smallest and the largest cosine between two tokens at time 0."""
    return float(np.mean(extreme_cosines(system.points[None])))


def _spread(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(np.ptp(pdist(system.points) ** 2 / 2) if len(system.points) > 1 else np.nan)


def _apart(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    if len(system.points) == 1:
        return Estimate.exact(0.0)
    gaps = pdist(system.points) ** 2 / 2  # 1 - cosines, with their digits
    return Estimate.exact((np.min(gaps) + np.max(gaps)) / 2)


EQUIANGULAR = (
    Hypothesis("two or more tokens, apart", AtLeast(1e-6), _apart),
    Hypothesis("one common cosine", AtMost(1e-9), _spread),
    EQUAL_MASSES,
)
