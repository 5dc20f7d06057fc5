"""Conditions that several theorems on deep linear networks share."""

import sys

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem

_POSITIVE = AtLeast(sys.float_info.min)
ROUNDING = 1e-12
"""Relative room that bounds leave for the rounding of a measured sharpness."""


def smallest_curvature(problem: Problem) -> Estimate:
    """lambda_min of the data."""
    return Estimate.exact(DeepLinear.expect(problem).regression.lambda_min)


def target_norm(problem: Problem) -> Estimate:
    """Norm of w_star."""
    return Estimate.exact(DeepLinear.expect(problem).regression.norm)


def explained_norm(problem: Problem) -> Estimate:
    """Root of the risk that w_star explains, |sigma^{1/2} w_star|."""
    return Estimate.exact(DeepLinear.expect(problem).regression.q_norm)


POSITIVE_DEFINITE = Hypothesis("sigma is positive definite", _POSITIVE, smallest_curvature)
NONZERO_TARGET = Hypothesis("w_star is not zero", _POSITIVE, target_norm)
SIGNAL = Hypothesis("w_star explains something", _POSITIVE, explained_norm)
