"""The sharpness of the flattest minimizer, exactly."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from fathometer.deep_linear.model._logarithms import exponential
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._accuracy import Accuracy
from fathometer.evidence import Estimate

_SMALLEST_DELTA = 1e-150  # below it the optimum is the kink where mu meets lambda_max

_LARGEST, _TINY = float(np.finfo(float).max), 5e-324


def minimal_sharpness(problem: DeepLinear) -> Estimate:
    """Smallest top Hessian eigenvalue over all global minimizers, of any hidden widths, singular sigma included.

    Derived: at a minimizer S >= 2 lambda_max(t sigma + (L-1) (|p|^2/t)^{1/(L-1)} q q^T) for t = |b_1|^2, with equality
    on rank-one aligned networks. With mu t the top eigenvalue, the secular equation of this rank-one update gives t:

        S_min = 2 |p|^{2/L} min over mu >= lambda_max of  mu ((L-1) sum_i q_i^2 / (mu - lambda_i))^{1-1/L}.

    The enclosure is this value above and, below, the dual bound
    2 L |p|^{2/L} (x^T sigma x)^{1/L} |q^T x|^{2-2/L} / x^T x at the top eigenvector x, both widened for the rounding of
    the data (by Weyl's inequality, for any t) and of the evaluation.

    Returns:
        An enclosed estimate, of 2 |p|^2 lambda_max for L = 1, and of 0 for L >= 2 if `w_star` explains nothing. A value
        beyond the range of a float64 is inf or 0, in an interval that says so.
    """
    data, accuracy = problem.regression, Accuracy(problem.regression)
    if problem.depth == 1:
        if data.lambda_max == 0:
            return Estimate.exact(0.0)
        log_value = math.log(2 * data.lambda_max) + problem.log_gain
        return enclosed_exponential(log_value, accuracy.top + log_rounding(problem, log_value))
    if data.q_norm == 0:
        return nothing_explained(problem)
    optimum = flattest_point(problem)
    share = accuracy.signal / data.q_norm
    moved = accuracy.top + share * (2 + share) + log_rounding(problem, optimum.log_primal)
    lowest = min(optimum.log_primal, optimum.log_dual) + math.log1p(-moved) if moved < 1 else -math.inf
    highest = max(optimum.log_primal, optimum.log_dual) + math.log1p(moved)
    return _enclosed(optimum.log_primal, lowest, highest)


def nothing_explained(problem: DeepLinear) -> Estimate:
    """The value 0 that all of these have for L >= 2 and q = 0, up to 2 L |p|^{2/L} lambda_max^{1/L} |dq|^{2-2/L}.

    Derived: the minimum over t of 2 (t lambda_max + (L-1) (|p|^2/t)^{1/(L-1)} |dq|^2), where dq is the rounding of q.
    """
    data, depth, moved = problem.regression, problem.depth, Accuracy(problem.regression).signal
    if moved == 0 or data.lambda_max == 0:
        return Estimate.exact(0.0)
    log_upper = math.log(2 * depth) + (problem.log_gain + math.log(data.lambda_max)) / depth
    return Estimate.enclosed(0.0, 0.0, 2 * exponential(log_upper + (2 - 2 / depth) * math.log(moved)))


class FlattestPoint(NamedTuple):
    """Where the minimum is: t = |b_1|^2 of the flattest network, and the two values that enclose its sharpness."""

    log_t: float
    log_primal: float
    log_dual: float


def flattest_point(problem: DeepLinear) -> FlattestPoint:
    """Solve the one-dimensional problem of `minimal_sharpness`, in logarithms; depth at least 2, q not zero.

    The unknown is delta = mu / lambda_max - 1 in [0, L - 1]. The objective is log-convex in log t, hence unimodal.
    """
    data, depth = problem.regression, problem.depth
    gaps = 1 - data.eigenvalues / data.lambda_max
    weights = (data.q_modes / data.q_norm) ** 2
    delta = _optimal_delta(gaps, weights, depth)
    x = np.divide(1.0, delta + gaps, out=np.zeros_like(gaps), where=delta + gaps > 0)
    log_q, log_phi = 2 * math.log(data.q_norm), math.log(weights @ x)
    log_t = (1 - 1 / depth) * (math.log((depth - 1) / data.lambda_max) + log_q + log_phi) + problem.log_gain / depth
    log_primal = math.log(2 * data.lambda_max) + math.log1p(delta) + log_t
    square, curved = float(weights @ x**2), float(weights @ ((1 - gaps) * x**2))
    if delta == 0:  # a top eigenvector of sigma, on which q has no share, joins so that the slope in t vanishes
        joined = max(0.0, (square / depth - curved) / (1 - 1 / depth))
        square, curved = square + joined, curved + joined
    log_dual = math.log(2 * depth) + (problem.log_gain + math.log(data.lambda_max * curved)) / depth
    log_dual += (1 - 1 / depth) * (log_q + 2 * log_phi) - math.log(square)
    return FlattestPoint(log_t, log_primal, log_dual)


def _optimal_delta(gaps: Float[np.ndarray, " d"], weights: Float[np.ndarray, " d"], depth: int) -> float:
    """Zero of the slope of log mu + (1 - 1/L) log phi(mu); 0 where the slope is positive all the way to the pole."""

    def slope(log_delta: float) -> float:
        delta = math.exp(log_delta)
        share = delta / (delta + gaps)
        return delta - (1 - 1 / depth) * (1 + delta) * float(weights @ share**2) / float(weights @ share)

    low, high = math.log(_SMALLEST_DELTA), math.log(2 * depth)
    return 0.0 if slope(low) >= 0 else math.exp(float(brentq(slope, low, high, xtol=1e-14)))  # type: ignore[arg-type]


def log_rounding(problem: DeepLinear, logarithm: float) -> float:
    """Rounding errors of a logarithm made of those of the data: some units in the last place of each."""
    data = problem.regression
    logs = sum(abs(math.log(size)) for size in (data.norm, data.lambda_max) if size) + abs(problem.log_gain)
    return float(np.finfo(float).eps * (16 + abs(logarithm) + math.log(problem.depth) + 2 * logs))


def enclosed_exponential(logarithm: float, width: float) -> Estimate:
    """Exponential of a logarithm that is known to a width."""
    return _enclosed(logarithm, logarithm - width, logarithm + width)


def _enclosed(logarithm: float, lowest: float, highest: float) -> Estimate:
    """Exponential of a logarithm in an interval; beyond the range of a float64 the interval reaches to inf or to 0."""
    value, lower, upper = exponential(logarithm), exponential(lowest), exponential(highest)
    return Estimate.enclosed(value, min(lower, value, _LARGEST), max(upper, value, _TINY))
