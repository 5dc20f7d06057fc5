"""Hypotheses that several theorems on deep linear networks share."""

import numpy as np

from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._flow_problem import GradientFlow, initial_product, network_of
from fathometer.deep_linear.model._network import product
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Positive, Problem


def is_plain(problem: Problem) -> bool:
    """Whether there is no readout."""
    return network_of(problem).readout is None


def depth_of(problem: Problem) -> Estimate:
    """The depth."""
    return Estimate.exact(float(network_of(problem).depth))


def smallest_curvature(problem: Problem) -> Estimate:
    """lambda_min of the data."""
    return Estimate.exact(network_of(problem).regression.lambda_min)


def target_norm(problem: Problem) -> Estimate:
    """Norm of w_star."""
    return Estimate.exact(network_of(problem).regression.norm)


def explained_norm(problem: Problem) -> Estimate:
    """Root of the risk that w_star explains, |sigma^{1/2} w_star|."""
    return Estimate.exact(network_of(problem).regression.q_norm)


def initial_advantage(problem: Problem) -> Estimate:
    """R1(0) - R(W(0)), from w without cancellation; where it is 0, the squared norm of the gradient."""
    start = GradientFlow.expect(problem)
    sigma, w = start.network.regression.sigma, product(start.weights, start.network.output)
    gain = float((2 * start.network.regression.w_star - w) @ sigma @ w)
    moving = sum(float(np.sum(slope**2)) for slope in gradient(start.network, start.weights))
    return Estimate.exact(gain if gain != 0 else moving)


def moves(problem: Problem) -> bool:
    """Whether the product is not zero at the start."""
    return bool(np.any(initial_product(problem)))


PLAIN = Hypothesis.that("the network has no readout", is_plain)
DEEP = Hypothesis("the depth is at least 2", AtLeast(2.0), depth_of)
DEFINITE = Hypothesis("sigma is positive definite", Positive(), smallest_curvature)
NONZERO_TARGET = Hypothesis("w_star is not zero", Positive(), target_norm)
SIGNAL = Hypothesis("w_star explains something", Positive(), explained_norm)
NONZERO_START = Hypothesis.that("the product does not start at zero", moves)
BELOW_ZERO = Hypothesis("the risk starts below that of w = 0, or equal to it and falls", Positive(), initial_advantage)
ROUNDING = 1e-12
"""Relative room that bounds leave for the rounding of a measured sharpness."""
