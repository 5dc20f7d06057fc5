"""At a minimizer, descent multiplies a displacement along the top eigenvector by 1 - step S."""

import numpy as np

from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._displacement import log_growth
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._special_hypotheses import ALONG_TOP, PLAIN
from fathometer.deep_linear.theorems.descent._stability import AT_MINIMIZER
from fathometer.evidence import Axis, AxisKind, Prediction, Problem, Source, Theorem, Within

_TOLERANCE = 1e-4


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """log|1 - step S| to within 1e-4."""
    test = StabilityTest.expect(problem)
    factor = abs(1 - test.step * sharpness_at_minimizer(test.network, test.weights).value)
    with np.errstate(divide="ignore"):
        rate = float(np.log(factor))
    return Within(rate - _TOLERANCE, rate + _TOLERANCE)


THEOREM = Theorem(
    id="descent_stability",
    theory="deep_linear",
    title="Linear stability of descent",
    statement=(
        "Next to a global minimizer of sharpness S, a displacement along the top eigenvector grows by the factor "
        "|1 - step S| per step: descent is unstable there if and only if step > 2 / S. Judged to 1e-4 in the logarithm."
    ),
    source=Source(MARION_CHIZAT, "linear stability, used for Theorem 1", "standard; the eigenvector is derived here"),
    about=StabilityTest,
    hypotheses=(AT_MINIMIZER, PLAIN, ALONG_TOP),
    quantity=log_growth,
    predict=predict,
    example=_examples.displaced,
    counterexample=_examples.away_from_minimizers,
    along=(AxisKind.STEP,),
    reads=("excess_risk",),
)
