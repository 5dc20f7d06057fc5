"""Closed forms around the minimal sharpness: the balanced minimizer and bounds from the data alone."""

import math

import numpy as np

from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.model.data._accuracy import Accuracy, log_error
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import (
    enclosed_exponential,
    log_rounding,
    nothing_explained,
)
from fathometer.evidence import Estimate


def balanced_sharpness(problem: DeepLinear) -> Estimate:
    """Sharpness of the balanced rank-one minimizer, where gradient flow from small initial weights ends.

    S_bal = 2 m^{2-2/L} |p|^{2/L} lambda_max(sigma + (L-1) sigma^{1/2} u u^T sigma^{1/2}) with u = w_star / m.
    Derived: K is m^{2-2/L} |p|^{2/L} (I + (L-1) u u^T) there. It is 0 if w_star = 0 and L >= 2.
    """
    data = problem.regression
    modes = data.q_modes / data.norm if data.norm else data.q_modes
    matrix = np.diag(data.eigenvalues) + (problem.depth - 1) * np.outer(modes, modes)
    accuracy = Accuracy(data)
    norm, signal = log_error(accuracy.norm, data.norm), log_error(accuracy.signal, data.q_norm)
    width = log_error(accuracy.top, 1.0)
    if problem.depth > 1:
        width += (2 + 2 / problem.depth) * norm + 2 * signal
    return _scaled(problem, _log(float(np.linalg.eigvalsh(matrix)[-1])), width)


def paper_lower_bound(problem: DeepLinear) -> Estimate:
    """Lower bound 2 L m^{2-2/L} |p|^{2/L} a on the sharpness of every minimizer.

    Source: Marion and Chizat (2024), Theorem 1, for a plain network; the factor of the readout is derived (dual bound
    of `minimal_sharpness` at x = q, weakened by |sigma u| >= a). If w_star = 0: 0 for L >= 2, NaN for L = 1.
    """
    data, accuracy = problem.regression, Accuracy(problem.regression)
    norm, signal = log_error(accuracy.norm, data.norm), log_error(accuracy.signal, data.q_norm)
    return _scaled(problem, math.log(problem.depth) + _log_rayleigh(data), 2 / problem.depth * norm + 2 * signal)


def sharper_lower_bound(problem: DeepLinear) -> Estimate:
    """Lower bound 2 L m^{2-2/L} |p|^{2/L} a (|sigma u| / a)^{2/L}, u = w_star / m, on the sharpness of every minimizer.

    Derived: the dual bound of `minimal_sharpness` at x = q. If w_star = 0: 0 for L >= 2, NaN for L = 1.
    """
    data = problem.regression
    if data.q_norm == 0:
        return paper_lower_bound(problem)
    accuracy, root = Accuracy(data), math.sqrt(data.lambda_max)
    pushed = math.hypot(*(np.sqrt(data.eigenvalues) * (data.q_modes / data.q_norm)))  # |sigma w_star| / |q|
    width = abs(2 - 4 / problem.depth) * log_error(accuracy.signal, data.q_norm) if problem.depth != 2 else 0.0
    width += 2 / problem.depth * log_error(root * (accuracy.top + accuracy.signal / data.q_norm), pushed)
    gain = math.log(pushed) - _log_rayleigh(data) / 2
    return _scaled(problem, math.log(problem.depth) + _log_rayleigh(data) + 2 / problem.depth * gain, width)


def paper_upper_bound(problem: DeepLinear) -> Estimate:
    """Upper bound 2 m^{2-2/L} |p|^{2/L} sqrt((2L-1) lambda_max^2 + (L-1)^2 a^2) on the minimal sharpness.

    Source: Marion and Chizat (2024), Theorem 1, for a plain network. Derived again, with the factor of the readout:
    S_min <= S_bal <= 2 m^{2-2/L} |p|^{2/L} (lambda_max + (L-1) a), whose bracket squared is below the one above.
    """
    depth, data = problem.depth, problem.regression
    along = (depth - 1) * data.rayleigh if depth > 1 else 0.0
    accuracy = Accuracy(data)
    width = log_error(accuracy.top, 1.0)
    if depth > 1:
        width += 4 * log_error(accuracy.norm, data.norm) + 2 * log_error(accuracy.signal, data.q_norm)
    return _scaled(problem, _log(math.hypot(math.sqrt(2 * depth - 1) * data.lambda_max, along)), width)


def near_balanced_upper_bound(problem: DeepLinear) -> float:
    """Bound 8 L lambda_max m^{2-2/L} on the sharpness of a minimizer whose layers have norms near m^{1/L}.

    Source: Marion and Chizat (2024), theorem on small-scale initialization, for a plain network with
    (m/2)^{1/L} <= sigma_k <= (2m)^{1/L}.
    """
    data, depth = problem.regression, problem.depth
    return 8 * depth * data.lambda_max * data.norm ** (2 - 2 / depth)


def _scaled(problem: DeepLinear, log_curvature: float, log_width: float) -> Estimate:
    """2 m^{2-2/L} |p|^{2/L} times a curvature, through logarithms, enclosed."""
    depth, norm = problem.depth, problem.regression.norm
    if depth > 1 and norm == 0:
        return nothing_explained(problem)
    if not math.isfinite(log_curvature):
        return Estimate.exact(0.0 if log_curvature < 0 else math.nan)
    log_norm = (2 - 2 / depth) * math.log(norm) if depth > 1 else 0.0
    logarithm = math.log(2) + log_curvature + log_norm + problem.log_gain / depth
    return enclosed_exponential(logarithm, log_width + log_rounding(problem, logarithm))


def _log_rayleigh(data: Regression) -> float:
    return 2 * (_log(data.q_norm) - math.log(data.norm)) if data.norm else math.nan


def _log(number: float) -> float:
    return math.log(number) if number > 0 else -math.inf
