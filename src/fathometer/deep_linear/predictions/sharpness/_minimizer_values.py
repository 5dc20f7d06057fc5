"""Sharpness of many minimizers, for data of any units and networks of any depth, without their weights."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import kernel_of
from fathometer.deep_linear.model._logarithms import exponential
from fathometer.deep_linear.model._network import backward, outer, transposed
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import flattest_point
from fathometer.evidence import Estimate, InputError, whole_number

DEEPEST_DRAWN = 64
"""Random networks are multiplied out up to this depth: Gaussian products of many layers underflow."""
_BLOCKS = 64


def sharpness_of_minimizers(problem: DeepLinear, width: int, count: int, seed: int) -> Estimate:
    """Sharpness of the flattest minimizer, of the balanced one and of `count` random ones, in this order.

    Derived: with W_1 F^T = V and F^T F = sigma, half the Hessian has the eigenvalues of |b_1|^2 F F^T + V^T K' V, where
    K' is the tangent kernel of the layers after the first, and the weights are a minimizer if V^T b_1 = F w_star. So V
    is drawn and moved there, which no scaling of the data disturbs. Up to depth 64 layers are Gaussian; beyond, layers
    are rank one and aligned, of random norms in 64 blocks of layers, for which the matrix is t sigma + s q q^T with
    t = |b_1|^2 and s = sum_k |b_k|^2 / |b_{k-1}|^2.

    Args:
        problem: the network; `w_star` must explain something.
        width: of all hidden layers of the Gaussian networks, at least 1.
        count: number of random minimizers, at least 1.
        seed: of the random minimizers, at least 0.

    Returns:
        Exact, of shape (2 + count,).

    Raises:
        InputError: if `w_star` explains nothing or a number is out of range.
    """
    data, depth = problem.regression, problem.depth
    if data.q_norm == 0:
        raise InputError("w_star must explain something: with sigma^{1/2} w_star = 0 the theory of minimizers is void")
    draws = whole_number("count", count, at_least=1)
    sizes = [whole_number("width", width, at_least=1)] * min(depth - 1, DEEPEST_DRAWN)
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    log_unit = math.log(data.q_norm) - (math.log(data.lambda_max) + problem.log_gain) / 2  # of the product
    if depth == 1:
        logs = np.zeros(2 + draws)
    elif depth <= DEEPEST_DRAWN:
        logs = np.append(_special(problem, log_unit), _gaussian(problem, sizes, draws, generator))
    else:
        logs = np.append(_special(problem, log_unit), _blocks(problem, log_unit, draws, generator))
    shift = math.log(2 * data.lambda_max) + problem.log_gain + (2 - 2 / depth) * log_unit
    return Estimate.exact([exponential(float(log) + shift) for log in logs])


def _special(problem: DeepLinear, log_unit: float) -> NDArray[np.float64]:
    """Of the flattest and of the balanced minimizer, whose layers after the first are of one norm."""
    others, share = problem.depth - 1, 1 - 1 / problem.depth
    flattest = flattest_point(problem).log_t - problem.log_gain - 2 * share * log_unit
    balanced = 2 * share * (math.log(problem.regression.norm) - problem.log_gain / 2 - log_unit)
    log_t = np.array([flattest, balanced])
    return _log_top(problem, log_t, math.log(others) - log_t / others)


def _blocks(problem: DeepLinear, log_unit: float, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Of aligned networks with random norms of 64 blocks of layers."""
    others = problem.depth - 1
    layers = np.array([others // _BLOCKS + (k < others % _BLOCKS) for k in range(_BLOCKS)], np.float64)
    flattest = flattest_point(problem).log_t - problem.log_gain - 2 * (1 - 1 / problem.depth) * log_unit
    log_t = flattest + generator.standard_normal(count)
    gains = 0.5 * generator.standard_normal((count, _BLOCKS))
    squares = log_t[:, None] / others + gains - (gains @ layers / others)[:, None]
    return _log_top(problem, log_t, np.log(np.exp(-squares) @ layers))


def _log_top(
    problem: DeepLinear, log_t: Float[np.ndarray, " n"], log_s: Float[np.ndarray, " n"]
) -> NDArray[np.float64]:
    """Logarithms of lambda_max(t D + s q q^T) in units where lambda_max(D) and |q| are 1."""
    data, log_top = problem.regression, np.maximum(log_t, log_s)
    modes, shares = data.q_modes / data.q_norm, data.eigenvalues / data.lambda_max
    t, s = np.exp(log_t - log_top)[:, None, None], np.exp(log_s - log_top)[:, None, None]
    return log_top + np.log(np.linalg.eigvalsh(t * np.diag(shares) + s * np.outer(modes, modes))[:, -1])


def _gaussian(
    problem: DeepLinear, sizes: Sequence[int], count: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Of Gaussian networks in the units of `_log_top`, each made a minimizer by its first layer."""
    data = problem.regression
    modes, shares = data.q_modes / data.q_norm, data.eigenvalues / data.lambda_max
    output = problem.output / math.exp(problem.log_gain / 2)
    ends = [*sizes, output.size]
    layers = [generator.normal(0, 1 / math.sqrt(before), (count, after, before)) for before, after in pairwise(ends)]
    first = transposed(layers[0], backward(tuple(layers), output)[0])
    square = np.sum(first**2, axis=-1)
    start = np.sqrt(shares) * generator.normal(0, 1 / math.sqrt(data.dimension), (count, sizes[0], data.dimension))
    start = start + outer(first / square[:, None], modes - transposed(start, first))
    kernel = np.swapaxes(start, -1, -2) @ kernel_of(tuple(layers), output) @ start
    return np.log(np.linalg.eigvalsh(square[:, None, None] * np.diag(shares) + kernel)[:, -1])
