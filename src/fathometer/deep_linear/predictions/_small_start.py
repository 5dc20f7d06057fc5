"""Bounds on the sharpness at which gradient flow ends, from its limit and from the initial weights alone."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.model._network import as_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._layer_structure import (
    StructureBounds,
    chain_bounds,
    layer_structure,
    structure_bounds,
)
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import flattest_point
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import balanced_sharpness
from fathometer.evidence import Estimate, InputError


def certified_sharpness(problem: DeepLinear, start: Sequence[ArrayLike], limit: Sequence[ArrayLike]) -> float:
    """Upper bound on the sharpness of the limit, from its top singular values and the rank defect of the start.

    Derived: K <= c_1 I + c_2 v_1 v_1^T with P = sigma_1 ... sigma_L, c_2 = P^2 sum_{k>=2} sigma_k^{-2} and
    c_1 = (P / sigma_1)^2 + epsilon_1 c_2 / sigma_1^2, since W_1^T W_1 <= sigma_1^2 v_1 v_1^T + epsilon_1 I.

    Args:
        problem: a plain network.
        start: initial weights, W_k of shape (d_k, d_{k-1}).
        limit: the minimizer that gradient flow from there converges to.

    Raises:
        InputError: if the network has a readout or the weights do not fit.
    """
    require_plain(problem)
    structure = layer_structure(as_weights(problem, limit))
    epsilon = float(structure_bounds(as_weights(problem, start)).epsilon[0])
    first, *later = structure.sigma**2
    without_one = sum(math.prod(later[:k] + later[k + 1 :]) for k in range(len(later)))
    along, across = first * without_one, math.prod(later) + epsilon * without_one
    return _top(problem, across, along, structure.direction)


def balanced_limit_bracket(problem: DeepLinear, start: Sequence[ArrayLike]) -> Estimate:
    """Bracket for the sharpness of the limit of gradient flow, from the initial weights alone.

    Derived: at the limit |w| = m, so the product of the sigma_k is in [m, m / cos], with the cosine of `chain_bounds`
    at the smallest sigma_k possible. All sigma_k^2 differ by sum_k delta_k at most, hence lie in an interval around
    m^{2/L}; v_1 is within the angle of `chain_bounds` of w_star. With these, `certified_sharpness` bounds from above.
    From below, S >= 2 lambda_max(t sigma + (L-1) t^{-1/(L-1)} q q^T) with t = |b_1|^2, as in `minimal_sharpness`, where
    m / sigma_1 <= |b_1| <= sigma_2 ... sigma_L. Both ends tend to S_balanced as the start tends to zero.

    Args:
        problem: a plain network of depth 2 or more; sigma must be positive definite and w_star not zero.
        start: initial weights, W_k of shape (d_k, d_{k-1}).

    Returns:
        Enclosed around S_balanced; (0, inf) if the start is too large for a bound.

    Raises:
        InputError: if the network is of another kind or the weights do not fit.
    """
    require_plain(problem)
    if problem.depth == 1 or problem.regression.q_norm == 0 or problem.regression.lambda_min == 0:
        raise InputError("the bracket is for depth 2 or more, a w_star that is not zero and a positive definite sigma")
    bounds, balanced = structure_bounds(as_weights(problem, start)), float(balanced_sharpness(problem).value)
    spread, norm, depth = float(np.sum(bounds.delta)), problem.regression.norm, problem.depth
    smallest = norm ** (2 / depth) - spread
    if smallest <= 0:
        return Estimate.enclosed(balanced, 0.0, math.inf)
    chain = chain_bounds(np.full(depth, math.sqrt(smallest)), bounds)
    log_product = 2 * (math.log(norm) - float(chain.log_cosine))
    if not math.isfinite(log_product):
        return Estimate.enclosed(balanced, 0.0, math.inf)
    largest = math.exp(log_product / depth) + spread
    below = _least(problem, 2 * math.log(norm) - math.log(largest), log_product - math.log(smallest))
    above = _upper(problem, bounds, math.exp(log_product), smallest, math.sin(float(chain.angle)))
    return Estimate.enclosed(balanced, min(below, balanced), max(above, balanced))


def require_plain(problem: DeepLinear) -> None:
    """Refuse networks with a readout.

    Raises:
        InputError: if there is one.
    """
    if problem.readout is not None:
        raise InputError("the network must be plain, without a readout")


def _upper(problem: DeepLinear, bounds: StructureBounds, product: float, smallest: float, sine: float) -> float:
    """`certified_sharpness` at its worst: |v_1 v_1^T - u u^T|_op is the sine of the angle between v_1 and u."""
    along = (problem.depth - 1) * product / smallest
    across = product / smallest + float(bounds.epsilon[0]) * along / smallest
    turned = 2 * along * sine * problem.regression.lambda_max
    return _top(problem, across, along, problem.regression.direction) + turned


def _least(problem: DeepLinear, log_low: float, log_high: float) -> float:
    """Least of 2 lambda_max(t sigma + (L-1) t^{-1/(L-1)} q q^T), unimodal in log t, for log t in an interval."""
    log_t, others, data = (
        min(max(flattest_point(problem).log_t, log_low), log_high),
        problem.depth - 1,
        problem.regression,
    )
    matrix = math.exp(log_t) * data.sigma + others * math.exp(-log_t / others) * np.outer(data.q, data.q)
    return 2 * float(np.linalg.eigvalsh(matrix)[-1])


def _top(problem: DeepLinear, across: float, along: float, direction: Float[np.ndarray, " d"]) -> float:
    """2 lambda_max(across sigma + along sigma^{1/2} v v^T sigma^{1/2})."""
    half = problem.regression.half
    matrix = across * np.eye(len(direction)) + along * np.outer(direction, direction)
    return 2 * float(np.linalg.eigvalsh(half @ matrix @ half.T)[-1])
