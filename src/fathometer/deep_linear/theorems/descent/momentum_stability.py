"""Momentum moves the largest stable step at a minimizer."""

import math

from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._displacement import log_spectral_radius
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._special_hypotheses import ALONG_TOP, WITH_MOMENTUM
from fathometer.deep_linear.theorems.descent._stability import AT_MINIMIZER
from fathometer.evidence import (
    Axis,
    AxisKind,
    Prediction,
    Problem,
    Source,
    Theorem,
    Within,
)

_TOLERANCE = 1e-3


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Log of the spectral radius of the recurrence along the top eigenvector, to within 1e-3."""
    test = StabilityTest.expect(problem)
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
    about=StabilityTest,
    hypotheses=(AT_MINIMIZER, WITH_MOMENTUM, ALONG_TOP),
    quantity=log_spectral_radius,
    predict=predict,
    example=_examples.displaced_with_momentum,
    counterexample=_examples.momentum_away_from_minimizers,
    along=(AxisKind.STEP,),
    reads=("W1",),
)
