"""Sources, hypotheses and measurements that the theorems on gradient flow share."""

import math
import sys

import numpy as np

from fathometer.deep_linear.dynamics.flow._riccati import relative_imbalance
from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._flow_problem import GradientFlow, initial_product, network_of
from fathometer.deep_linear.model._network import product
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.evidence import AtLeast, AtMost, Estimate, Hypothesis, Problem, Source

TOLERANCE = 1e-7
"""Room that statements on whole flows leave for the integrator, relative to the natural size of what they bound."""

POSITIVE = AtLeast(sys.float_info.min)


def small_start_source(remark: str) -> Source:
    """The theorem on small initial weights, in a form with explicit constants that is derived here."""
    return Source(MARION_CHIZAT, "theorem on small-scale initialization", f"derived with explicit constants; {remark}")


def natural_square(start: GradientFlow) -> float:
    """The largest squared norm that layers have at the start or, for a balanced limit, at the end."""
    largest = max(float(np.sum(matrix**2)) for matrix in start.weights)
    return max(largest, start.network.regression.norm ** (2 / start.network.depth))


def readout_size(problem: Problem) -> Estimate:
    """Number of entries of the readout, 0 without one."""
    readout = network_of(problem).readout
    return Estimate.exact(0.0 if readout is None else float(readout.size))


def depth_of(problem: Problem) -> Estimate:
    """The depth."""
    return Estimate.exact(float(network_of(problem).depth))


def smallest_curvature(problem: Problem) -> Estimate:
    """lambda_min of the data."""
    return Estimate.exact(network_of(problem).regression.lambda_min)


def explained_norm(problem: Problem) -> Estimate:
    """Root of the risk that w_star explains."""
    return Estimate.exact(network_of(problem).regression.q_norm)


def initial_imbalance(problem: Problem) -> Estimate:
    """Largest |D_k|_op at the start relative to the largest |W_k|_F^2."""
    return Estimate.exact(relative_imbalance(GradientFlow.expect(problem)))


def initial_advantage(problem: Problem) -> Estimate:
    """R1(0) - R(W(0)), from w without cancellation; where it is 0, the squared norm of the gradient."""
    start = GradientFlow.expect(problem)
    sigma, w = start.network.regression.sigma, product(start.weights, start.network.output)
    gain = float((2 * start.network.regression.w_star - w) @ sigma @ w)
    moving = sum(float(np.sum(slope**2)) for slope in gradient(start.network, start.weights))
    return Estimate.exact(gain if gain != 0 else moving)


def start_norm(problem: Problem) -> Estimate:
    """|w(0)|."""
    return Estimate.exact(math.hypot(*initial_product(problem)))


PLAIN = Hypothesis("the network has no readout", AtMost(0.0), readout_size)
DEEP = Hypothesis("the depth is at least 2", AtLeast(2.0), depth_of)
DEFINITE = Hypothesis("sigma is positive definite", POSITIVE, smallest_curvature)
SIGNAL = Hypothesis("w_star explains something", POSITIVE, explained_norm)
BALANCED = Hypothesis("the layers are balanced at the start", AtMost(1e-12), initial_imbalance)
NONZERO_START = Hypothesis("the product does not start at zero", POSITIVE, start_norm)
BELOW_ZERO = Hypothesis("the risk starts below that of w = 0, or equal to it and falls", POSITIVE, initial_advantage)
