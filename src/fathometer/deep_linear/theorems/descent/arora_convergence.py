"""Descent from a nearly balanced start close to a whitened target converges, at a guaranteed rate."""

import math

import numpy as np

from fathometer.deep_linear.model._references import ARORA_COHEN_GOLOWICH_HU
from fathometer.deep_linear.model.starts._guaranteed_descent import GuaranteedDescent
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import WHITE, whiteness
from fathometer.deep_linear.theorems import _examples
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Positive,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_TOLERANCE = 1e-12


def spread_of_sigma(problem: Problem) -> Estimate:
    """(lambda_max - lambda_min) / lambda_max."""
    return Estimate.exact(whiteness(GuaranteedDescent.expect(problem).network))


def spare_width(problem: Problem) -> Estimate:
    """Smallest hidden width less min(o, d)."""
    return Estimate.exact(GuaranteedDescent.expect(problem).narrowest)


def deficiency_margin(problem: Problem) -> Estimate:
    """sigma_min(M_star) - |M(0) - M_star|_F."""
    return Estimate.exact(GuaranteedDescent.expect(problem).margin)


def imbalance_over_allowed(problem: Problem) -> Estimate:
    """Imbalance at the start over what is allowed."""
    start = GuaranteedDescent.expect(problem)
    return Estimate.exact(_ratio(start.imbalance, start.allowed_imbalance))


def step_over_allowed(problem: Problem) -> Estimate:
    """Step size over what is allowed."""
    start = GuaranteedDescent.expect(problem)
    return Estimate.exact(_ratio(start.step, start.allowed_step))


def _ratio(number: float, allowed: float) -> float:
    return number / allowed if allowed else math.inf


def remaining_risk(trajectory: Trajectory) -> Estimate:
    """Excess risk along the steps over that at the start; NaN if that is zero."""
    excess = np.asarray(trajectory.observed["excess_risk"].value)
    share = excess / excess[0] if excess[0] > 0 else np.full_like(excess, np.nan)
    return Estimate.exact(share, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most exp(-rate step), and 1e-12 for rounding.

    Raises:
        InputError: if the measurement does not run along steps.
    """
    if axis is None or axis.kind is not AxisKind.STEP:
        raise InputError("the rate of decay needs a measurement along steps")
    return AtMost(np.exp(-GuaranteedDescent.expect(problem).rate * axis.points) + _TOLERANCE, domain=(0.0, None))


THEOREM = Theorem(
    id="arora_convergence",
    theory="deep_linear",
    title="Descent converges from a nearly balanced start",
    statement=(
        "Whitened data, loss |M - M*|_F^2 / 2, deficiency margin c > 0: if the imbalance is at most "
        "c^2 / (256 L^3 |M*|_F^{2-2/L}) and the step at most c^{4-2/L} / (6144 L^3 |M*|_F^{6-4/L}), the loss after T "
        "steps is at most exp(-step c^{2-2/L} T) times that at the start. A sufficient condition, far from necessary."
    ),
    source=Source(ARORA_COHEN_GOLOWICH_HU, "main convergence theorem", "constants from memory; a conservative check"),
    about=GuaranteedDescent,
    hypotheses=(
        Hypothesis("sigma is a multiple of the identity", AtMost(WHITE, domain=(0.0, None)), spread_of_sigma),
        Hypothesis("hidden widths are at least min(o, d)", AtLeast(0.0), spare_width),
        Hypothesis("the deficiency margin is positive", Positive(), deficiency_margin),
        Hypothesis("the imbalance is at most what is allowed (as a ratio)", AtMost(1.0), imbalance_over_allowed),
        Hypothesis("the step is at most what is allowed (as a ratio)", AtMost(1.0), step_over_allowed),
    ),
    quantity=remaining_risk,
    predict=predict,
    example=_examples.guaranteed_descent,
    counterexample=_examples.too_large_a_step,
    along=(AxisKind.STEP,),
    reads=("excess_risk",),
)
