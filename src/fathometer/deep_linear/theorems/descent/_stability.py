"""What statements on the stability of descent ask for."""

import math

from fathometer.deep_linear.model._network import Weights, excess_risk
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem

_AT_MINIMIZER = 1e-12


def relative_excess_risk(problem: Problem) -> Estimate:
    """Excess risk of the weights over what w_star explains; inf if that is nothing."""
    test = StabilityTest.expect(problem)
    return Estimate.exact(relative_excess_risk_of(test.network, test.weights))


def relative_excess_risk_of(network: DeepLinear, weights: Weights) -> float:
    """The same of any weights W_k of shape (d_k, d_{k-1})."""
    excess, explained = float(excess_risk(network, weights)), network.regression.explained
    return excess / explained if explained else math.inf


AT_MINIMIZER = Hypothesis(
    "the weights are a global minimizer", AtMost(_AT_MINIMIZER, (0.0, None)), relative_excess_risk
)
