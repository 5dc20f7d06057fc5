"""Momentum moves the largest stable step at a minimizer."""

import math

from fathometer.deep_linear.dynamics.descent._momentum_test import MomentumTest, log_spectral_radius
from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._network import excess_risk
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.theorems import _examples
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
    Within,
)

_TOLERANCE = 1e-3
_AT_MINIMIZER = 1e-12


def relative_excess_risk(problem: Problem) -> Estimate:
    """Excess risk of the weights over what w_star explains; inf if that is nothing."""
    test = MomentumTest.expect(problem)
    excess, explained = float(excess_risk(test.network, test.weights)), test.network.regression.explained
    return Estimate.exact(excess / explained if explained else math.inf)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Log of the spectral radius of the recurrence along the top eigenvector, to within 1e-3."""
    test = MomentumTest.expect(problem)
    curvature = float(sharpness_at_minimizer(test.network, test.weights).value)
    radius = test.momentum.spectral_radius(test.step * curvature)
    rate = math.log(radius) if radius else -math.inf
    return Within(rate - _TOLERANCE, rate + _TOLERANCE)


THEOREM = Theorem(
    id="momentum_stability",
    theory="deep_linear",
    title="Linear stability of descent with momentum",
    statement=(
        "Next to a global minimizer of sharpness S, a displacement along the top eigenvector follows a recurrence of "
        "second order: heavy ball is unstable if and only if step > 2 (1 + beta) / S, Nesterov if and only if "
        "step > (2 + 2 beta) / ((1 + 2 beta) S). Judged to 1e-3 in the logarithm of the factor per step."
    ),
    source=Source(MARION_CHIZAT, "linear stability, used for Theorem 1", "standard; the recurrence is derived here"),
    about=MomentumTest,
    hypotheses=(
        Hypothesis("the weights are a global minimizer", AtMost(_AT_MINIMIZER, (0.0, None)), relative_excess_risk),
    ),
    quantity=log_spectral_radius,
    predict=predict,
    example=_examples.displaced_with_momentum,
    counterexample=_examples.momentum_away_from_minimizers,
    along=(AxisKind.STEP,),
    reads=("W1",),
)
