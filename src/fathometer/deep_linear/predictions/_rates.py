"""How fast flow and descent approach a minimizer, and the Polyak-Lojasiewicz constant at any weights."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._curvature import NO_MODE, gradient, whitened_kernel
from fathometer.deep_linear.model._network import as_weights, excess_risk, product
from fathometer.deep_linear.model._problem import DeepLinear

_FASTEST = 1e-3


class LocalRates(NamedTuple):
    """Rates next to a minimizer, each of the batch shape of the weights.

    Attributes:
        slowest: mu_min; under gradient flow the excess risk falls like exp(-2 mu_min t).
        fastest: mu_max, the sharpness.
        condition: mu_max / mu_min; inf if sigma is singular.
        best_step: 2 / (mu_max + mu_min), the step of descent with the best rate; inf where no mode moves.
        contraction: (mu_max - mu_min) / (mu_max + mu_min), by which descent with that step shrinks distances; 1 where
            no mode moves.
    """

    slowest: NDArray[np.float64]
    fastest: NDArray[np.float64]
    condition: NDArray[np.float64]
    best_step: NDArray[np.float64]
    contraction: NDArray[np.float64]


def local_rates(problem: DeepLinear, weights: Sequence[ArrayLike]) -> LocalRates:
    """Rates next to minimizers W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).

    Derived: with r = sigma^{1/2} (w - w_star), the flow obeys dr/dt = -M r with M = 2 sigma^{1/2} K sigma^{1/2}.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    eigenvalues = _spectrum(problem, weights)
    slowest, fastest = np.maximum(eigenvalues[..., 0], 0.0), eigenvalues[..., -1]
    total, never = fastest + slowest, np.full_like(fastest, np.inf)
    condition = np.divide(fastest, slowest, out=never.copy(), where=slowest > 0)
    step = np.divide(2, total, out=never, where=total > 0)
    contraction = np.divide(fastest - slowest, total, out=np.ones_like(total), where=total > 0)
    return LocalRates(slowest, fastest, condition, step, contraction)


def descent_factors(problem: DeepLinear, weights: Sequence[ArrayLike], step: float) -> NDArray[np.float64]:
    """Factors |1 - step mu_i| by which descent next to one minimizer scales each mode of r, in the order of the mu_i.

    Derived: r(t+1) = (1 - step M) r(t), M as in `local_rates`. Directions without data are left out.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    eigenvalues = _spectrum(problem, weights)
    return np.abs(1 - step * eigenvalues[eigenvalues > NO_MODE * eigenvalues[-1]])


def mean_rate(problem: DeepLinear, minimizer: Sequence[ArrayLike], weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Mean of the mu_i at a minimizer, each with the share of its mode in the excess risk at weights next to it.

    Under gradient flow the excess risk falls at twice this rate there. NaN where there is no excess risk.

    Args:
        problem: the network.
        minimizer: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).
        weights: next to it, of the same shapes.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    eigenvalues, vectors = np.linalg.eigh(whitened_kernel(problem, minimizer))
    error = product(as_weights(problem, weights), problem.output) - problem.regression.w_star
    modes = np.einsum("...ij,...i->...j", vectors, error @ problem.regression.half.T) ** 2
    total = np.sum(modes, axis=-1)
    weighted = np.sum(2 * np.maximum(eigenvalues, 0.0) * modes, axis=-1)
    return np.divide(weighted, total, out=np.full_like(total, np.nan), where=total > 0)


def lojasiewicz_constant(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """The largest mu with |grad R|^2 >= mu (R - R_min) for every target, at weights W_k of shape (..., d_k, d_{k-1}).

    Derived: |grad R|^2 = g^T K g with g = 2 sigma (w - w_star), so mu = 4 lambda_min(sigma^{1/2} K sigma^{1/2}).

    Raises:
        InputError: if the weights do not fit the problem.
    """
    return np.asarray(np.maximum(2 * _spectrum(problem, weights)[..., 0], 0.0), np.float64)


def lojasiewicz_surplus(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """(|grad R|^2 - mu (R - R_min)) / |grad R|^2 with mu of `lojasiewicz_constant`, shape (...); 0 where both vanish.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    squares = np.asarray(sum(np.sum(slope**2, axis=(-2, -1)) for slope in gradient(problem, weights)))
    owed = lojasiewicz_constant(problem, weights) * excess_risk(problem, weights)
    return np.divide(squares - owed, squares, out=-np.sign(owed), where=squares > 0)


def contraction_bracket(
    factors: NDArray[np.float64], steps: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and largest mean of log |r(t)| / |r(0)| per step of a displacement that moves all modes of r equally.

    Derived: with rho the largest factor, |r(t)| / |r(0)| is in [rho^t / sqrt(d), rho^t].

    Args:
        factors: by which a step scales the d modes, shape (d,); from `descent_factors`.
        steps: numbers of steps t, positive, shape (T,).

    Returns:
        Two arrays of shape (T,); -inf below where rho is less than 1e-3, which rounding hides.
    """
    largest = float(factors.max())
    rate = math.log(max(largest, _FASTEST))
    lowest = rate - math.log(factors.size) / (2 * steps)
    return (lowest if largest > _FASTEST else np.full_like(lowest, -np.inf)), np.full_like(lowest, rate)


def _spectrum(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Eigenvalues of 2 sigma^{1/2} K sigma^{1/2}, in increasing order."""
    return np.asarray(2 * np.linalg.eigvalsh(whitened_kernel(problem, weights)), np.float64)
