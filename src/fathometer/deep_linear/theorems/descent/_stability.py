"""What statements on the stability of descent ask for."""

import math

from fathometer.deep_linear.model._network import excess_risk
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem

_AT_MINIMIZER = 1e-12


def relative_excess_risk(problem: Problem) -> Estimate:
    """Excess risk of the weights over what w_star explains; inf if that is nothing."""
    test = StabilityTest.expect(problem)
    excess, explained = float(excess_risk(test.network, test.weights)), test.network.regression.explained
    return Estimate.exact(excess / explained if explained else math.inf)


AT_MINIMIZER = Hypothesis(
    "the weights are a global minimizer", AtMost(_AT_MINIMIZER, (0.0, None)), relative_excess_risk
)
