"""At a minimizer, descent multiplies a displacement along the top eigenvector by 1 - step S."""

import math

import numpy as np

from fathometer.deep_linear._curvature import sharpness_at_minimizer
from fathometer.deep_linear._network import excess_risk
from fathometer.deep_linear._references import MARION_CHIZAT
from fathometer.deep_linear._stability import StabilityTest, log_growth
from fathometer.evidence import (
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Prediction,
    Problem,
    Source,
    Theorem,
    Within,
)

_TOLERANCE = 1e-4
_AT_MINIMIZER = 1e-12


def relative_excess_risk(problem: Problem) -> Estimate:
    """Excess risk of the weights over what w_star explains; inf if that is nothing."""
    test = _expect_test(problem)
    excess, explained = float(excess_risk(test.network, test.weights)), test.network.regression.explained
    return Estimate.exact(excess / explained if explained else math.inf)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """log|1 - step S| to within 1e-4."""
    test = _expect_test(problem)
    factor = abs(1 - test.step * sharpness_at_minimizer(test.network, test.weights).value)
    with np.errstate(divide="ignore"):
        rate = float(np.log(factor))
    return Within(rate - _TOLERANCE, rate + _TOLERANCE)


def _expect_test(problem: Problem) -> StabilityTest:
    if not isinstance(problem, StabilityTest):
        raise InputError(f"the problem must be a StabilityTest, got a {type(problem).__name__}")
    return problem


THEOREM = Theorem(
    id="descent_stability",
    theory="deep_linear",
    title="Linear stability of descent",
    statement=(
        "Next to a global minimizer of sharpness S, a displacement along the top eigenvector grows by the factor "
        "|1 - step S| per step: descent is unstable there if and only if step > 2 / S. Judged to 1e-4 in the logarithm."
    ),
    source=Source(MARION_CHIZAT, "linear stability, used for Theorem 1", "standard; the eigenvector is derived here"),
    hypotheses=(
        Hypothesis("the weights are a global minimizer", AtMost(_AT_MINIMIZER, (0.0, None)), relative_excess_risk),
    ),
    quantity=log_growth,
    predict=predict,
)
