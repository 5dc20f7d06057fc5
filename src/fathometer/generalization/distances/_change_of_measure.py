"""Changes of measure: from an expectation under the prior to one under any posterior."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from fathometer.evidence import InputError, finite_array, finite_number, whole_number
from fathometer.numerics import Wide, kl_inverse_upper, round_up, wide
from fathometer.numerics.arithmetic._rounding import WIDE_EPS

SLACK = 1e-13
"""Relative rounding of a float64 sum, added to what is handed out."""


def donsker_varadhan(kl: float, phi: ArrayLike, prior: ArrayLike) -> float:
    """Upper bound on rho[phi] for every posterior rho with that divergence: kl + ln pi[exp(phi)].

    Equality holds for rho proportional to pi exp(phi). Source: Donsker and Varadhan (1976).

    Args:
        kl: KL(rho || pi) in nats, non-negative.
        phi: shape (h,), one number for each predictor.
        prior: shape (h,), non-negative, sum 1.

    Raises:
        InputError: if a number is not in its range.
    """
    values, weights = _under_prior(phi, prior)
    moment = float(np.asarray(logsumexp(values, b=weights)))
    budget = finite_number("kl", kl, at_least=0)
    return budget + moment + SLACK * (budget + np.abs(values).max())


def renyi_change_of_measure(renyi: float, phi: ArrayLike, prior: ArrayLike, order: float = 2.0) -> float:
    """Upper bound on ln rho[phi], phi > 0: ((a-1)/a) (renyi + ln pi[phi^(a/(a-1))]), a the order.

    Source: Bégin, Germain, Laviolette and Roy (2016).

    Args:
        renyi: Renyi divergence of that order of rho from pi in nats, non-negative.
        phi: shape (h,), positive.
        prior: shape (h,), non-negative, sum 1.
        order: above 1.

    Raises:
        InputError: if a number is not in its range.
    """
    a = finite_number("order", order, above=1)
    values, weights = _under_prior(phi, prior)
    if np.any(values <= 0):
        raise InputError(f"phi must be positive, got {values.min():g}")
    moment = float(np.asarray(logsumexp(a / (a - 1) * np.log(values), b=weights)))
    logarithm = (a - 1) / a * (finite_number("renyi", renyi, at_least=0) + moment)
    return logarithm + SLACK * (abs(logarithm) + np.abs(np.log(values)).max())


def kantorovich(lipschitz: float, w1: float, prior_mean: float) -> float:
    """Upper bound on rho[phi] for a Lipschitz phi: lipschitz W1(rho, pi) + pi[phi] (Kantorovich-Rubinstein duality).

    Args:
        lipschitz: Lipschitz constant of phi in the metric of W1, non-negative.
        w1: W1(rho, pi), non-negative.
        prior_mean: pi[phi].

    Raises:
        InputError: if a number is not in its range.
    """
    reach = wide(finite_number("lipschitz", lipschitz, at_least=0)) * finite_number("w1", w1, at_least=0)
    return _sum_up(reach, finite_number("prior_mean", prior_mean))


def total_variation_transport(largest_gap: float, tv: float, prior_mean: float) -> float:
    """Upper bound on rho[gap] if |gap| <= largest_gap everywhere: pi[gap] + 2 largest_gap TV(rho, pi) (derived).

    Near the prior it is a bound for one predictor, far from it uniform convergence (Amit et al. 2022).

    Args:
        largest_gap: uniform bound on |gap|, non-negative.
        tv: total variation of rho and pi, in [0, 1].
        prior_mean: pi[gap].

    Raises:
        InputError: if a number is not in its range.
    """
    reach = (
        wide(2) * finite_number("largest_gap", largest_gap, at_least=0) * finite_number("tv", tv, at_least=0, at_most=1)
    )
    return _sum_up(reach, finite_number("prior_mean", prior_mean))


def sampled_gibbs_risk(mean: float, draws: int, delta: float, two_sided: bool = False) -> float:
    """Upper bound on the empirical Gibbs risk from predictors drawn from the posterior (Langford and Seeger).

    kl^-1(mean, ln(1/delta)/draws), which enters a PAC-Bayes certificate in place of the Gibbs risk; both may fail,
    with probability at most the sum of their deltas. Published code uses ln(2/delta), which bounds both sides.

    Args:
        mean: mean over the draws of the empirical risk, each measured on the whole certificate part, in [0, 1].
        draws: number of independent draws.
        delta: probability with which the bound may fail, in (0, 1).
        two_sided: with ln(2/delta), as published.

    Raises:
        InputError: if a number is not in its range.
    """
    share = wide(finite_number("delta", delta, above=0, below=1)) / (2 if two_sided else 1)
    risk = finite_number("mean", mean, at_least=0, at_most=1)
    return float(kl_inverse_upper(risk, -np.log(share) / whole_number("draws", draws, at_least=1)))


def _sum_up(reach: Wide, start: float) -> float:
    return float(round_up(reach + start + 4 * WIDE_EPS * (reach + abs(start)), slack=0))


def _under_prior(phi: ArrayLike, prior: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    values, weights = finite_array("phi", phi, ndim=1), finite_array("prior", prior, ndim=1)
    if values.shape != weights.shape or values.size == 0:
        raise InputError(f"phi and prior must have one shape, got {values.shape} and {weights.shape}")
    if np.any(weights < 0) or abs(weights.sum() - 1) > 1e-9:
        raise InputError(f"prior must be non-negative with sum 1, got sum {weights.sum():g}")
    return values, weights
