"""Gradient flow approaches its limit at the rate of the slowest eigenvalue."""

import math

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow, network_of
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.observables._decay import late_decay_rate
from fathometer.deep_linear.observables._standard import EXCESS_RISK
from fathometer.deep_linear.predictions._rates import local_rates, mean_rate
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE
from fathometer.deep_linear.theorems._limit import CONVERGES, COST, limit_of
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

_TOLERANCE = 0.01


def late_rate(trajectory: Trajectory) -> Estimate:
    """`late_decay_rate` of the excess risk; NaN if w_star explains nothing."""
    explained = network_of(trajectory.problem).regression.explained
    excess = np.asarray(trajectory.observe(EXCESS_RISK).value)
    return late_decay_rate(trajectory.axis.points, excess / explained) if explained else Estimate.exact(math.nan)


def other_modes(problem: Problem) -> Estimate:
    """What the other modes add to the rate at an excess risk of 1e-12 of what w_star explains, relative to 2 mu_min.

    0 if the slowest mode is all that is left; (mu_max - mu_min) / mu_min if only the fastest was excited.
    """
    network, limit = GradientFlow.expect(problem).network, limit_of(problem)
    slowest = float(local_rates(network, limit.weights).slowest)
    speed = float(mean_rate(network, limit.weights, limit.stopped))
    return Estimate.exact(max(speed / slowest - 1, 0.0) if slowest > 0 else math.nan)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """2 mu_min of the limit, to 1 percent."""
    rate = 2 * float(local_rates(network_of(problem), limit_of(problem).weights).slowest)
    return Within(rate * (1 - _TOLERANCE), rate * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="convergence_rate",
    theory="deep_linear",
    title="Rate of convergence of gradient flow",
    statement=(
        "Next to the limit, R - R_min falls like exp(-2 mu_min t), mu_min the smallest eigenvalue of "
        "2 sigma^{1/2} K sigma^{1/2}, if the start excites its mode. Judged to 1 percent, once no other mode is left."
    ),
    source=Source(MARION_CHIZAT, "not stated there", "derived: linearisation of the flow in weight space"),
    about=GradientFlow,
    hypotheses=(
        DEFINITE,
        CONVERGES,
        Hypothesis(
            "the slowest mode is excited, and the others add at most 1 percent to its rate at an excess risk of 1e-12",
            AtMost(_TOLERANCE),
            other_modes,
        ),
    ),
    quantity=late_rate,
    predict=predict,
    example=_examples.generic_flow,
    counterexample=_examples.singular_flow,
    along=(AxisKind.TIME,),
    reads=("excess_risk",),
    cost=COST,
)
