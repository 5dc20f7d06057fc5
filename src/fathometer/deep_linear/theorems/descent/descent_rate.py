"""Next to a minimizer, descent contracts at the rate of the mode that its step suits least."""

import numpy as np

from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._decay import mean_log_growth
from fathometer.deep_linear.observables._displacement import lengths
from fathometer.deep_linear.predictions._rates import contraction_bracket, descent_factors
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._special_hypotheses import PLAIN, SPREAD
from fathometer.deep_linear.theorems.descent._stability import AT_MINIMIZER
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

_TOLERANCE, _ROUNDING = 0.01, 1e-3


def log_contraction(trajectory: Trajectory) -> Estimate:
    """Mean of log |r(t)| / |r(0)| per step, after every step, where |r|^2 = R - R_min; shape (T - 1,).

    Its error bars, heuristic, are those of rounding and second-order terms. NaN once |r| has grown by a factor 10 000,
    where a displacement is no longer small.
    """
    return mean_log_growth(trajectory.axis.points, *lengths(trajectory))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Between log rho - log(d) / (2 t) and log rho, with 1 percent of log rho and 1e-3 / t for rounding.

    Raises:
        InputError: if the measurement does not run over steps.
    """
    test = StabilityTest.expect(problem)
    if axis is None:
        raise InputError("the rate of descent needs a measurement along its steps")
    steps = axis.points[1:]
    least, most = contraction_bracket(descent_factors(test.network, test.weights, test.step), steps)
    slack = _TOLERANCE * np.abs(most) + _ROUNDING / steps
    return Within(least - slack, most + slack)


THEOREM = Theorem(
    id="descent_rate",
    theory="deep_linear",
    title="Rate of descent",
    statement=(
        "Next to a global minimizer, descent multiplies the modes of r = sigma^{1/2} (w - w*) by 1 - step mu_i, mu_i "
        "the eigenvalues of 2 sigma^{1/2} K sigma^{1/2}. From equal modes, |r(t)| / |r(0)| is in [rho^t / sqrt(d), "
        "rho^t], rho = max |1 - step mu_i|, which is (kappa - 1) / (kappa + 1) at best, for step = 2 / (mu_min + "
        "mu_max). Judged to 1 percent in the logarithm."
    ),
    source=Source(MARION_CHIZAT, "not stated there", "derived: linearisation of descent in weight space"),
    about=StabilityTest,
    hypotheses=(AT_MINIMIZER, PLAIN, SPREAD),
    quantity=log_contraction,
    predict=predict,
    example=_examples.spread,
    counterexample=_examples.spread_away_from_minimizers,
    along=(AxisKind.STEP,),
    reads=("excess_risk",),
)
