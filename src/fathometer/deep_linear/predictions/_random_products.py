"""Products of random layers: exact expectations at initialisation, and where their singular values end in the limit."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.deep_linear.model._logarithms import exponential
from fathometer.deep_linear.model._network import hidden_widths
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.starts._random_start import RandomStart
from fathometer.evidence import InputError, finite_number


def limit_singular_value(scale: float) -> float:
    """chi(s): the squared singular values of a long product of wide residual layers fill [1 / chi^2, chi^2].

    Derived for L factors I + s / sqrt(d L) N in the limit of large d and L (free multiplicative Brownian motion, of
    S-transform exp(-s^2 (1 + 2 z))). With r = sqrt(1 + 2 / s^2), chi^2 = (r + 1) / (r - 1) exp(s^2 r), which is written
    here as exp(2 asinh(s / sqrt 2) + s sqrt(s^2 + 2)). It is no bound at finite size: there, measure.

    Args:
        scale: s >= 0; for the first k of L factors, s sqrt(k / L).

    Raises:
        InputError: if the scale is negative or not finite.
    """
    s = finite_number("scale", scale, at_least=0)
    return exponential(math.asinh(s / math.sqrt(2)) + s * math.sqrt(s**2 + 2) / 2)


class InitialMoments(NamedTuple):
    """Exact expectations over random initial weights.

    Attributes:
        product: E w, shape (d,).
        product_square: E w w^T, shape (d, d).
        backward_square: E |b_k|^2 for k = 1 ... L, shape (L,).
        forward_square: the factors of I in E A_k^T A_k for k = 1 ... L, shape (L,).
        kernel: the factor of I in E K.
        excess_risk: E [R(0) - R_min].
        hessian_trace: E tr of the Hessian, which is that of its Gauss-Newton part.
    """

    product: NDArray[np.float64]
    product_square: NDArray[np.float64]
    backward_square: NDArray[np.float64]
    forward_square: NDArray[np.float64]
    kernel: float
    excess_risk: float
    hessian_trace: float


def initial_moments(start: RandomStart) -> InitialMoments:
    """Exact expectations over the weights of a random start."""
    if start.network.readout is None:
        return gaussian_moments(start.network, start.scale, start.width)
    return residual_moments(start.network, start.scale)


def gaussian_moments(problem: DeepLinear, scale: float, widths: int | Sequence[int]) -> InitialMoments:
    """Expectations for independent Gaussian entries of standard deviation `scale` in all layers of a plain network.

    Derived: E W^T M W = scale^2 tr(M) I, layer by layer.

    Args:
        problem: a plain network.
        scale: at least 0.
        widths: hidden widths, one number for all or L - 1 numbers.

    Raises:
        InputError: if the network has a readout or a number is out of range.
    """
    if problem.readout is not None:
        raise InputError("gaussian weights are for a plain network, this one has a readout")
    variance = finite_number("scale", scale, at_least=0) ** 2
    gains = variance * np.array(hidden_widths(problem, widths), np.float64)
    forward = np.concatenate([[1.0], np.cumprod(gains)])
    backward = np.concatenate([[1.0], np.cumprod(gains[::-1])])[::-1]
    square = variance * backward[0] * np.eye(problem.regression.dimension)
    return _moments(problem, np.zeros(problem.regression.dimension), square, backward, forward)


def residual_moments(problem: DeepLinear, scale: float) -> InitialMoments:
    """Expectations for layers I + scale / sqrt(d L) N with independent standard Gaussian entries of N.

    Derived, with beta = 1 + scale^2 / L: E W^T M W = M + scale^2 tr(M) / (d L) I, layer by layer.

    Args:
        problem: a network with a readout.
        scale: at least 0.

    Raises:
        InputError: if the network has no readout or the scale is negative.
    """
    if problem.readout is None:
        raise InputError("residual weights need a network with a readout")
    d, powers = problem.regression.dimension, np.arange(problem.depth, dtype=np.float64)
    log_beta = math.log1p(finite_number("scale", scale, at_least=0) ** 2 / problem.depth)
    forward, gain = np.exp(powers * log_beta), math.exp(problem.log_gain)
    spread = gain * math.expm1(problem.depth * log_beta) / d
    square = np.outer(problem.output, problem.output) + spread * np.eye(d)
    return _moments(problem, problem.output, square, gain * forward[::-1], forward)


def _moments(
    problem: DeepLinear,
    mean: Float[np.ndarray, " d"],
    square: Float[np.ndarray, "d d"],
    backward: Float[np.ndarray, " L"],
    forward: Float[np.ndarray, " L"],
) -> InitialMoments:
    """What follows from the moments of the product, of b_k and of A_k, where b_k and A_k are independent."""
    data, kernel = problem.regression, float(backward @ forward)
    covariance, error = square - np.outer(mean, mean), mean - data.w_star
    excess = float(error @ data.sigma @ error + np.sum(covariance * data.sigma))
    return InitialMoments(mean, square, backward, forward, kernel, excess, 2 * kernel * float(np.trace(data.sigma)))
