"""Random initial tokens: how likely they are in a hemisphere or in separated caps, and their mean energy."""

import math

import numpy as np
from jaxtyping import Float
from scipy.special import gammaln, hyp0f1, ive

from fathometer.attention.model._random_problems import GaussianMixture
from fathometer.evidence import (
    Estimate,
    finite_number,
    whole_number,
)


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


def frame_radius(d: int) -> float:
    """Distance sqrt(4 log d / d) from uniform tokens to an orthonormal frame, d >= 2 (Geshkovski et al. 2024)."""
    return math.sqrt(4 * math.log(d) / d)


def frame_probability(n: int, d: int) -> float:
    """Lower bound 1 - n (n - 1) d^(-2/(n - 1)) on the probability that uniform tokens are near an orthonormal frame.

    Near is within `frame_radius`, the frame is their polar factor. The distance of token i from it is at most
    sqrt(sum_{j != i} <x_i, x_j>^2), and every |<x_i, x_j>| is at most t but for a probability 2 exp(-d t^2 / 2)
    (derived, with the usual bound on the measure of a cap). Not positive for few dimensions, where it says nothing.

    Args:
        n: number of tokens, >= 1.
        d: dimension, >= max(2, n).
    """
    return 1.0 if n == 1 else 1 - n * (n - 1) * math.exp(-2 * math.log(d) / (n - 1))


def printed_failure_bound(n: int, d: int) -> float:
    """The bound 2 n^2 d^(-1/64) on a probability, which is below 1 only for d > (2 n^2)^64 (Geshkovski et al. 2024)."""
    return 2 * n**2 * math.exp(-math.log(d) / 64)


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


def mixture_density(
    points: Float[np.ndarray, "m d"], mixture: GaussianMixture, normalizer: int | None = None
) -> Float[np.ndarray, " m"]:
    """Density (1/r) sum_q N(sqrt(r) w_q, sigma^2 I_d) at points of R^d.

    Args:
        points: where.
        mixture: its centres and sigma.
        normalizer: dimension in the factor (2 pi sigma^2)^(-dim/2); d when not given. With 1, as it is printed, the
            integral is (2 pi sigma^2)^((d-1)/2).
    """
    r, d = mixture.centres.shape
    peaks = np.exp(-np.sum((points[:, None] - math.sqrt(r) * mixture.centres) ** 2, axis=-1) / (2 * mixture.sigma**2))
    return np.mean(peaks, axis=1) * (2 * np.pi * mixture.sigma**2) ** (-(d if normalizer is None else normalizer) / 2)
