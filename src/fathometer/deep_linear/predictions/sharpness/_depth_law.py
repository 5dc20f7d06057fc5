"""How far depth limits the step size: everything that the data alone say."""

from dataclasses import dataclass

import numpy as np

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._accuracy import Accuracy, log_error, within
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import (
    balanced_sharpness,
    paper_lower_bound,
    paper_upper_bound,
    sharper_lower_bound,
)
from fathometer.evidence import Estimate, Record


@dataclass(frozen=True, eq=False)
class DepthLaw(Record):
    """What holds for every global minimizer of a deep linear network, from its data, depth and readout.

    Attributes:
        norm_w_star: m = |w_star|.
        lambda_min: smallest eigenvalue of sigma.
        lambda_max: largest eigenvalue of sigma.
        rayleigh_a: curvature of the data along w_star; NaN if w_star = 0.
        s_min: sharpness of the flattest minimizer.
        s_balanced: sharpness of the balanced minimizer.
        s_lower_paper: lower bound of Marion and Chizat (2024), Theorem 1.
        s_lower_sharper: a closed form between the former and s_min.
        s_upper_paper: their upper bound on s_min.
        largest_stable_step: 2 / s_min: beyond it descent is linearly unstable at every minimizer; NaN if s_min is 0.
        paper_step: 2 / s_lower_paper = 1 / (m^{2-2/L} |p|^{2/L} L a), at least largest_stable_step; NaN if that is 0.
    """

    norm_w_star: Estimate
    lambda_min: Estimate
    lambda_max: Estimate
    rayleigh_a: Estimate
    s_min: Estimate
    s_balanced: Estimate
    s_lower_paper: Estimate
    s_lower_sharper: Estimate
    s_upper_paper: Estimate
    largest_stable_step: Estimate
    paper_step: Estimate


def depth_law(problem: DeepLinear) -> DepthLaw:
    """Evaluate all closed forms for one network."""
    data, accuracy = problem.regression, Accuracy(problem.regression)
    norm, signal = log_error(accuracy.norm, data.norm), log_error(accuracy.signal, data.q_norm)
    s_min, s_lower = minimal_sharpness(problem), paper_lower_bound(problem)
    return DepthLaw(
        norm_w_star=_norm(data.norm, accuracy.norm),
        lambda_min=_smallest(accuracy),
        lambda_max=_or_zero(data.lambda_max, log_error(accuracy.top, 1.0)),
        rayleigh_a=_or_zero(data.rayleigh, 2 * norm + 2 * signal),
        s_min=s_min,
        s_balanced=balanced_sharpness(problem),
        s_lower_paper=s_lower,
        s_lower_sharper=sharper_lower_bound(problem),
        s_upper_paper=paper_upper_bound(problem),
        largest_stable_step=critical_step(s_min),
        paper_step=critical_step(s_lower),
    )


def _norm(value: float, error: float) -> Estimate:
    return Estimate.enclosed(value, max(0.0, value - error), value + error) if error else Estimate.exact(value)


def _or_zero(value: float, log_width: float) -> Estimate:
    return within(value, log_width) if value else Estimate.exact(0.0)


def _smallest(accuracy: Accuracy) -> Estimate:
    """lambda_min; 0 where the rank shows it, and up to what rounding can hide where the rank is not known."""
    data = accuracy.data
    if data.read_factor.rank == data.dimension:
        return within(data.lambda_min, log_error(accuracy.bottom, 1.0))
    return Estimate.exact(0.0) if data.read_factor.rank_known else Estimate.enclosed(0.0, 0.0, accuracy.hidden)


def critical_step(sharpness: Estimate) -> Estimate:
    """Step 2 / S above which gradient descent is unstable along the top eigenvector; NaN if S is 0.

    Args:
        sharpness: non-negative, of any shape and kind; its interval is mapped with it.
    """
    value, lower, upper = (_two_over(part) for part in (sharpness.value, sharpness.upper, sharpness.lower))
    value = np.where(np.asarray(sharpness.value) == 0, np.nan, value)
    return Estimate(value, lower, upper, sharpness.kind, sharpness.confidence, sharpness.along)  # type: ignore[arg-type]


def _two_over(number: float | np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(2 / np.asarray(number, np.float64))
