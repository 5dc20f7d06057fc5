"""Closed forms around the minimal sharpness: the balanced minimizer and bounds from the data alone."""

import math

import numpy as np

from fathometer.deep_linear._minimal_sharpness import exponential
from fathometer.deep_linear._problem import DeepLinear
from fathometer.evidence import Estimate


def balanced_sharpness(problem: DeepLinear) -> Estimate:
    """Sharpness of the balanced rank-one minimizer, where gradient flow from small initial weights ends.

    S_bal = 2 m^{2-2/L} |p|^{2/L} lambda_max(sigma + (L-1) sigma^{1/2} u u^T sigma^{1/2}) with u = w_star / m.
    Derived: K is m^{2-2/L} |p|^{2/L} (I + (L-1) u u^T) there. It is 0 if w_star = 0 and L >= 2.
    """
    root_u = problem.regression.root @ problem.regression.direction
    matrix = problem.regression.sigma + (problem.depth - 1) * np.outer(root_u, root_u)
    return _scaled(problem, float(np.linalg.eigvalsh(matrix)[-1]))


def paper_lower_bound(problem: DeepLinear) -> Estimate:
    """Lower bound 2 L m^{2-2/L} |p|^{2/L} a on the sharpness of every minimizer.

    Source: Marion and Chizat (2024), Theorem 1, for a plain network; the factor of the readout is derived (dual bound
    of `minimal_sharpness` at x = q, weakened by |sigma u| >= a). If w_star = 0: 0 for L >= 2, NaN for L = 1.
    """
    return _scaled(problem, problem.depth * problem.regression.rayleigh)


def sharper_lower_bound(problem: DeepLinear) -> Estimate:
    """Lower bound 2 L m^{2-2/L} |p|^{2/L} a (|sigma u| / a)^{2/L}, u = w_star / m, on the sharpness of every minimizer.

    Derived: the dual bound of `minimal_sharpness` at x = q. If w_star = 0: 0 for L >= 2, NaN for L = 1.
    """
    data = problem.regression
    if data.q_norm == 0:
        return paper_lower_bound(problem)
    gain = float(np.linalg.norm(data.sigma @ data.direction)) / data.rayleigh
    return _scaled(problem, problem.depth * data.rayleigh * gain ** (2 / problem.depth))


def paper_upper_bound(problem: DeepLinear) -> Estimate:
    """Upper bound 2 m^{2-2/L} |p|^{2/L} sqrt((2L-1) lambda_max^2 + (L-1)^2 a^2) on the minimal sharpness.

    Source: Marion and Chizat (2024), Theorem 1, for a plain network. Derived again, with the factor of the readout:
    S_min <= S_bal <= 2 m^{2-2/L} |p|^{2/L} (lambda_max + (L-1) a), whose bracket squared is below the one above.
    """
    depth, data = problem.depth, problem.regression
    along = (depth - 1) * data.rayleigh if depth > 1 else 0.0
    return _scaled(problem, math.hypot(math.sqrt(2 * depth - 1) * data.lambda_max, along))


def _scaled(problem: DeepLinear, curvature: float) -> Estimate:
    """2 m^{2-2/L} |p|^{2/L} times a curvature, through logarithms."""
    depth, norm = problem.depth, problem.regression.norm
    if depth > 1 and norm == 0:
        return Estimate.exact(0.0)
    if curvature == 0 or math.isnan(curvature):
        return Estimate.exact(curvature)
    log_norm = (2 - 2 / depth) * math.log(norm) if depth > 1 else 0.0
    return Estimate.exact(exponential(math.log(2 * curvature) + log_norm + problem.log_gain / depth))
