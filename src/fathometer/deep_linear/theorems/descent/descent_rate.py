"""Next to a minimizer, descent contracts at the rate of the mode that its step suits least."""

import math

import numpy as np

from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._displacement import lengths
from fathometer.deep_linear.predictions._rates import descent_factors
from fathometer.deep_linear.theorems.descent._stability import AT_MINIMIZER, PLAIN
from fathometer.evidence import Axis, Estimate, InputError, Prediction, Problem, Source, Theorem, Trajectory, Within

_TOLERANCE, _ROUNDING = 0.01, 1e-3
_SMALL = 1e4
_FASTEST = 1e-3  # a factor per step that rounding hides


def log_contraction(trajectory: Trajectory) -> Estimate:
    """Mean of log |r(t)| / |r(0)| per step, after every step, where |r|^2 = R - R_min; shape (T - 1,).

    Its error bars, heuristic, are those of rounding and second-order terms. NaN once |r| has grown by a factor 10 000,
    where a displacement is no longer small.
    """
    found, low, high = lengths(trajectory)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (found[1:] / found[0], low[1:] / high[0], high[1:] / low[0])
        grown = np.where(ratios[0] < _SMALL, np.log(ratios), np.nan) / trajectory.axis.points[1:]
    return Estimate.heuristic(*grown)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Between log rho - log(d) / (2 t) and log rho, with 1 percent of log rho and 1e-3 / t for rounding.

    Raises:
        InputError: if the measurement does not run over steps.
    """
    test = StabilityTest.expect(problem)
    if axis is None:
        raise InputError("the rate of descent needs a measurement along its steps")
    factors, times = descent_factors(test.network, test.weights, test.step), axis.points[1:]
    rate = math.log(max(float(factors.max()), _FASTEST))
    slack = _TOLERANCE * abs(rate) + _ROUNDING / times
    lowest = np.where(factors.max() > _FASTEST, rate - math.log(factors.size) / (2 * times) - slack, -np.inf)
    return Within(lowest, rate + slack)


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
    hypotheses=(AT_MINIMIZER, PLAIN),
    quantity=log_contraction,
    predict=predict,
)
