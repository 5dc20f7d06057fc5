"""Global minimizers: the flattest, the balanced and random ones."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._nearest_minimizer import nearest_minimizer
from fathometer.deep_linear.model._network import Weights, as_weights, backward, excess_risk, hidden_widths, outer
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import flattest_point, minimal_sharpness
from fathometer.evidence import InputError, whole_number

_NEXT_TO = 1e-2  # excess risk over what w_star explains


def flattest_minimizer(problem: DeepLinear, width: int) -> Weights:
    """A minimizer whose sharpness is `minimal_sharpness`: rank one, aligned, the first layer of its own norm.

    Derived: |W_1| = m / sqrt(t) at the optimal t, and all other layers share the rest equally.

    Args:
        problem: the network.
        width: of all hidden layers, at least 1.

    Raises:
        InputError: if `w_star` explains nothing, so that no non-zero minimizer is flattest, or the width is below 1.
    """
    _require_signal(problem)
    log_norm = math.log(problem.regression.norm)
    if problem.depth == 1:
        return _aligned(problem, width, [log_norm - problem.log_gain / 2])
    log_t = flattest_point(problem).log_t
    log_other = (log_t - problem.log_gain) / (2 * (problem.depth - 1))
    return _aligned(problem, width, [log_norm - log_t / 2] + [log_other] * (problem.depth - 1))


def balanced_minimizer(problem: DeepLinear, width: int) -> Weights:
    """The rank-one aligned minimizer all of whose layers have the norm (m / |p|)^{1/L}.

    Args:
        problem: the network.
        width: of all hidden layers, at least 1.

    Raises:
        InputError: if `w_star` explains nothing or the width is below 1.
    """
    _require_signal(problem)
    log_norm = (math.log(problem.regression.norm) - problem.log_gain / 2) / problem.depth
    return _aligned(problem, width, [log_norm] * problem.depth)


def random_minimizers(problem: DeepLinear, widths: int | Sequence[int], count: int, seed: int) -> Weights:
    """Gaussian networks of the scale of the balanced one, each made a minimizer by its first layer.

    Entries of W_k have standard deviation (m / |p|)^{1/L} / sqrt(d_{k-1}); then W_1 moves to the nearest matrix whose
    product is `w_star`.

    Args:
        problem: the network.
        widths: hidden widths, one number for all or L - 1 numbers.
        count: how many, at least 1.
        seed: of the random numbers, at least 0.

    Returns:
        W_k of shape (count, d_k, d_{k-1}).

    Raises:
        InputError: if `w_star` explains nothing, or a width, the count or the seed is out of range.
    """
    _require_signal(problem)
    sizes = [problem.regression.dimension, *hidden_widths(problem, widths), problem.output.size]
    draws = whole_number("count", count, at_least=1)
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    scale = math.exp((math.log(problem.regression.norm) - problem.log_gain / 2) / problem.depth)
    shapes = [(draws, rows, columns) for columns, rows in pairwise(sizes)]
    return nearest_minimizer(problem, [generator.normal(0, scale / math.sqrt(s[-1]), s) for s in shapes])


def is_nearly_flattest(problem: DeepLinear, weights: Sequence[NDArray[np.float64]], tolerance: float) -> bool:
    """Whether weights are next to a minimizer of almost the smallest sharpness.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        tolerance: of the sharpness, relative.
    """
    near = excess_risk(problem, weights) <= _NEXT_TO * problem.regression.explained
    if not near or not np.any(backward(as_weights(problem, weights), problem.output)[0]):
        return False
    sharpness = sharpness_at_minimizer(problem, nearest_minimizer(problem, weights)).value
    return bool(sharpness <= float(minimal_sharpness(problem).upper) * (1 + tolerance))


def _aligned(problem: DeepLinear, width: int, log_norms: Sequence[float]) -> Weights:
    """Rank-one layers s_k u_k u_{k-1}^T from u_0 = w_star / m over the first unit vectors to u_L = p / |p|."""
    unit = [problem.regression.direction]
    unit += [np.eye(size)[0] for size in hidden_widths(problem, width)]
    unit += [problem.output / np.linalg.norm(problem.output)]
    return tuple(math.exp(log) * outer(unit[k + 1], unit[k]) for k, log in enumerate(log_norms))


def _require_signal(problem: DeepLinear) -> None:
    if problem.regression.q_norm == 0:
        raise InputError("w_star must explain something: with sigma^{1/2} w_star = 0 the theory of minimizers is void")
