"""Random initial tokens: how likely they are in a hemisphere or in separated caps, and their mean energy."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.special import gammaln, hyp0f1, ive

from fathometer.attention._caps import cap_clearance, cap_deficits, nearest_centres, smallest_angle
from fathometer.attention._separated_cloud import separation
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
    whole_number,
)
from fathometer.numerics import hemisphere_axis


@dataclass(frozen=True, eq=False)
class UniformTokens(Problem):
    """n independent uniform points of the sphere of R^d.

    Attributes:
        n: >= 1.
        d: >= 2.

    Raises:
        InputError: if a value is not as above.
    """

    n: int
    d: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=1))
        object.__setattr__(self, "d", whole_number("d", self.d, at_least=2))


@dataclass(frozen=True, eq=False)
class GaussianMixture(Problem):
    """n independent points of the density (1/r) sum_q N(sqrt(r) w_q, sigma^2 I_d), projected to the sphere.

    Attributes:
        centres: shape (r, d), d >= 2, unit rows w_q (within 1e-6), r <= n.
        sigma: > 0.
        n: number of tokens, >= 2.
        beta: inverse temperature, > 0.
        epsilon: depth of the caps around the centres that are meant to hold the tokens, in (0, 1).

    Raises:
        InputError: if a value is not as above.
    """

    centres: NDArray[np.float64]
    sigma: float
    n: int
    beta: float
    epsilon: float

    def __post_init__(self) -> None:
        rows = finite_array("centres", self.centres, ndim=2)
        if rows.shape[1] < 2 or np.any(np.abs(np.linalg.norm(rows, axis=1) - 1) > 1e-6):
            raise InputError(f"centres must be unit rows of dimension at least 2, got shape {rows.shape}")
        object.__setattr__(self, "centres", rows)
        object.__setattr__(self, "sigma", finite_number("sigma", self.sigma, above=0))
        object.__setattr__(self, "n", whole_number("n", self.n, at_least=max(2, len(rows))))
        object.__setattr__(self, "beta", finite_number("beta", self.beta, above=0))
        object.__setattr__(self, "epsilon", finite_number("epsilon", self.epsilon, above=0, below=1))

    @property
    def gamma(self) -> float:
        """Separation of the caps, as for `SeparatedCloud`; the mixture is centred if it is positive."""
        clearance = cap_clearance(smallest_angle(self.centres), self.epsilon)
        return float(separation(clearance, self.epsilon, self.n, self.beta))

    @property
    def spread(self) -> float:
        """6 delta sqrt(d) / (1 + delta sqrt(d)) + delta sqrt(2 d log n) with delta = sigma / sqrt(r)."""
        r, d = self.centres.shape
        delta = self.sigma / math.sqrt(r)
        radius = delta * math.sqrt(d)
        return 6 * radius / (1 + radius) + delta * math.sqrt(2 * d * math.log(self.n))


def hemisphere_probability(n: int, d: int) -> Estimate:
    """Probability that n uniform points of the sphere of R^d lie in an open hemisphere.

    2^{-(n-1)} sum_{k<d} binomial(n-1, k) (Wendel 1962).

    Args:
        n: >= 1.
        d: >= 1.

    Raises:
        InputError: if a value is not as above.
    """
    n, d = whole_number("n", n, at_least=1), whole_number("d", d, at_least=1)
    return Estimate.exact(sum(math.comb(n - 1, k) for k in range(min(n, d))) / 2 ** (n - 1))


def frame_alpha(epsilon: float) -> Estimate:
    """Largest <x, y> over caps S(2 eps) around two orthogonal centres: 4 (1 - 2 eps) sqrt(eps (1 - eps)) (derived).

    Args:
        epsilon: in (0, 0.146), below which the caps are disjoint.

    Raises:
        InputError: if it is not.
    """
    epsilon = finite_number("epsilon", epsilon, above=0, below=(1 - math.sqrt(0.5)) / 2)
    return Estimate.exact(4 * (1 - 2 * epsilon) * math.sqrt(epsilon * (1 - epsilon)))


def mean_uniform_energy(n: int, d: int, beta: float) -> Estimate:
    """Mean unit energy of n uniform tokens of equal mass.

    1/n + (1 - 1/n) exp(-beta) Gamma(d/2) (2/beta)^{d/2-1} I_{d/2-1}(beta) (derived by the Funk-Hecke formula).

    Args:
        n: >= 1.
        d: >= 2.
        beta: >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    n, d = whole_number("n", n, at_least=1), whole_number("d", d, at_least=2)
    beta, order = finite_number("beta", beta, at_least=0), d / 2 - 1
    if beta**2 < 1000 * d:
        kernel = hyp0f1(d / 2, beta**2 / 4) * np.exp(-beta)  # the Bessel function underflows here
    else:
        with np.errstate(divide="ignore"):
            kernel = np.exp(gammaln(d / 2) + order * np.log(2 / beta) + np.log(ive(order, beta)))
    return Estimate.exact(1 / n + (1 - 1 / n) * kernel)


def draw_hemispheres(problem: UniformTokens, draws: int, seed: int) -> Trajectory:
    """Draw clouds; the states "margin" and "upper" enclose the hemisphere margin of each.

    Raises:
        InputError: if there is not at least one draw.
    """
    shape = whole_number("draws", draws, at_least=1), problem.n, problem.d
    clouds = np.random.default_rng(whole_number("seed", seed, at_least=0)).standard_normal(shape)
    clouds /= np.linalg.norm(clouds, axis=-1, keepdims=True)
    margins = [hemisphere_axis(cloud)[1] for cloud in clouds]
    ends = {"margin": np.array([m.lower for m in margins]), "upper": np.array([m.upper for m in margins])}
    return _drawn(problem, ends, seed)


def draw_mixture(problem: GaussianMixture, draws: int, seed: int) -> Trajectory:
    """Draw clouds; the state "room" is eps less the depth of the cap that the worst token of each cloud needs.

    Raises:
        InputError: if there is not at least one draw.
    """
    r, d = problem.centres.shape
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    count = whole_number("draws", draws, at_least=1) * problem.n
    means = math.sqrt(r) * problem.centres[generator.integers(r, size=count)]
    tokens = means + problem.sigma * generator.standard_normal((count, d))
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    needed = cap_deficits(tokens, problem.centres[nearest_centres(tokens, problem.centres)])
    return _drawn(problem, {"room": problem.epsilon - needed.reshape(-1, problem.n).max(axis=1)}, seed)


def _drawn(problem: Problem, states: dict[str, Float[np.ndarray, " draws"]], seed: int) -> Trajectory:
    draws = len(next(iter(states.values())))
    axis = Axis(AxisKind.DRAW, np.arange(draws, dtype=float))
    return Trajectory(problem, axis, states, Origin.SIMULATED, provenance=Provenance.here(seed))
