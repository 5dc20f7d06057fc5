"""Hypotheses that only special networks and runs satisfy: others do not mention the theorems that ask for them."""

import math

import numpy as np

from fathometer.deep_linear.dynamics.flow._riccati import relative_imbalance, whiteness_defect
from fathometer.deep_linear.model._flow_problem import BalancedFlow, GradientFlow, network_of
from fathometer.deep_linear.model.starts._plain_descent import PlainDescent
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.predictions._early_phase import ESCAPED
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem


def initial_imbalance(problem: Problem) -> Estimate:
    """Largest |D_k|_op at the start relative to the largest |W_k|_F^2."""
    return Estimate.exact(relative_imbalance(GradientFlow.expect(problem)))


def coloured(problem: Problem) -> Estimate:
    """1 - lambda_min / lambda_max."""
    return Estimate.exact(whiteness_defect(network_of(problem)))


def has_two_layers(problem: Problem) -> bool:
    """Whether the depth is 2."""
    return network_of(problem).depth == 2


def is_scalar(problem: Problem) -> bool:
    """Whether all layers are numbers."""
    start = problem if isinstance(problem, PlainDescent) else GradientFlow.expect(problem)
    return all(matrix.size == 1 for matrix in start.weights)


def start_share(problem: Problem) -> Estimate:
    """|w(0)| / |w_star|; inf if w_star is zero."""
    start = BalancedFlow.expect(problem)
    norm = start.network.regression.norm
    return Estimate.exact(float(np.linalg.norm(start.product)) / norm if norm else math.inf)


def is_along_top(problem: Problem) -> bool:
    """Whether the displacement is along the top eigenvector."""
    return not StabilityTest.expect(problem).spread


def is_spread(problem: Problem) -> bool:
    """Whether the displacement moves all modes equally."""
    return StabilityTest.expect(problem).spread


def is_plain(problem: Problem) -> bool:
    """Whether a step takes nothing of the step before."""
    return StabilityTest.expect(problem).momentum.beta == 0


def has_momentum(problem: Problem) -> bool:
    """Whether a step takes something of the step before."""
    return not is_plain(problem)


BALANCED = Hypothesis("the layers are balanced at the start", AtMost(1e-12), initial_imbalance)
WHITE = Hypothesis("sigma is a multiple of the identity", AtMost(1e-12), coloured)
TWO_LAYERS = Hypothesis.that("the depth is 2", has_two_layers)
SCALAR = Hypothesis.that("all layers are scalar", is_scalar)
SMALL = Hypothesis("the product starts small (relative to w_star)", AtMost(ESCAPED / 2), start_share)
ALONG_TOP = Hypothesis.that("the displacement is along the top eigenvector", is_along_top)
SPREAD = Hypothesis.that("the displacement moves all modes equally", is_spread)
PLAIN = Hypothesis.that("descent is plain, without momentum", is_plain)
WITH_MOMENTUM = Hypothesis.that("descent has momentum", has_momentum)

_ON_NETWORKS = (BALANCED, WHITE, TWO_LAYERS, SCALAR, SMALL)
_ON_RUNS = (ALONG_TOP, SPREAD, PLAIN, WITH_MOMENTUM)
SPECIAL = frozenset(hypothesis.name for hypothesis in _ON_NETWORKS + _ON_RUNS)
"""Their names."""
