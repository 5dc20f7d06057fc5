"""Networks with one neuron in every layer and one input, where gradient flow is solved in closed form."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._network import as_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions._small_start import require_plain
from fathometer.deep_linear.predictions._spectral_modes import mode_time
from fathometer.evidence import Estimate, InputError, finite_number

_BISECTIONS = 80


class ScalarLimit(NamedTuple):
    """Limits of gradient flow, of the batch shape of the weights.

    Attributes:
        weights: w_1 to w_L at the limit, shape (..., L); NaN where the product does not start on the side of w_star.
        sharpness: 2 a m^2 sum_i 1 / w_i^2 there, shape (...), exact: the sharpness of the gradient flow solution.
    """

    weights: NDArray[np.float64]
    sharpness: Estimate


def scalar_limit(problem: DeepLinear, weights: Sequence[ArrayLike]) -> ScalarLimit:
    """Limit of gradient flow of a scalar network from w_1 to w_L, by conservation.

    Derived: w_i^2 - w_j^2 is conserved and no weight crosses zero if the product starts with the sign of w_star. With
    c_i = w_i(0)^2 - min_j w_j(0)^2, the limit has w_i^2 = x + c_i where x > 0 solves prod_i (x + c_i) = m^2.

    Args:
        problem: plain, with one input, w_star not zero.
        weights: W_1 to W_L, each of shape (..., 1, 1).

    Raises:
        InputError: if the network or the weights are not scalar, or w_star is zero.
    """
    start, target = scalar_weights(problem, weights), float(problem.regression.w_star[0])
    if target == 0:
        raise InputError("w_star must not be zero")
    squares = start**2
    offsets = squares - np.min(squares, axis=-1, keepdims=True)
    log_x = _log_root(offsets, 2 * np.log(abs(target)))
    ends = np.exp(log_x)[..., None] + offsets
    valid = np.prod(np.sign(start), axis=-1) == np.sign(target)
    limits = np.where(valid[..., None], np.sign(start) * np.sqrt(ends), np.nan)
    sharpness = 2 * problem.regression.lambda_max * target**2 * np.sum(1 / ends, axis=-1)
    return ScalarLimit(limits, Estimate.exact(np.where(valid, sharpness, np.nan)))


def scalar_weights(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Float[np.ndarray, "*batch L"]:
    """Read the weights of a scalar network as one array.

    Raises:
        InputError: if the network has a readout or several inputs, or a hidden layer several neurons.
    """
    require_plain(problem)
    read = as_weights(problem, weights)
    if any(matrix.shape[-2:] != (1, 1) for matrix in read):
        raise InputError(f"weights must be scalar, of shape (..., 1, 1), got {[matrix.shape for matrix in read]}")
    return np.stack([matrix[..., 0, 0] for matrix in read], axis=-1)


def balanced_scalar_time(problem: DeepLinear, start: float, end: float) -> Estimate:
    """Time that gradient flow of a balanced scalar network takes for the product from `start` to `end`.

    Derived: du/dt = 2 a L u^{2-2/L} (m - u), in units where w_star = m > 0; elementary for L = 1, 2 and hypergeometric
    beyond, see `mode_time`.

    Args:
        problem: plain, with one input, w_star not zero.
        start: of the sign of w_star, smaller in size.
        end: of the sign of w_star, between start and w_star.

    Raises:
        InputError: if the network is not scalar or a number is out of range.
    """
    require_plain(problem)
    if problem.regression.dimension != 1 or not np.any(problem.regression.w_star):
        raise InputError("the network must have one input and a w_star that is not zero")
    target = float(problem.regression.w_star[0])
    first = finite_number("start / w_star", start / target, above=0, below=1)
    share = finite_number("end / w_star", end / target, at_least=first, below=1)
    time = mode_time(share, first * abs(target), abs(target), problem.depth) / problem.regression.lambda_max
    return Estimate.exact(time)


def _log_root(offsets: Float[np.ndarray, "*batch L"], log_goal: float) -> Float[np.ndarray, "*batch"]:
    """Logarithm of x with sum_i log(x + c_i) = log_goal, by bisection: one c_i is zero, and all are at least zero."""
    depth = offsets.shape[-1]
    high = np.full(offsets.shape[:-1], log_goal / depth)
    low = np.minimum(high, log_goal - np.sum(np.log(np.exp(high)[..., None] + offsets), axis=-1) + high)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        small = np.sum(np.log(np.exp(middle)[..., None] + offsets), axis=-1) < log_goal
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    return np.asarray((low + high) / 2)
