"""Source, hypotheses and states that the theorems on residual starts share."""

import math

from fathometer.deep_linear.model._network import Weights, stored_weights
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem, Source, Trajectory

PREMISE = "If sqrt(R(0) - R_min) <= rho lambda_min c^4 |p| / (C^2 sqrt(lambda_max)), "


def residual_source(conclusion: str) -> Source:
    """The theorem on residual networks, in the form with explicit constants that is derived here."""
    return Source(
        MARION_CHIZAT,
        "theorem on residual initialization",
        f"derived with explicit constants that are measured at the start; {conclusion}",
    )


def states_of(trajectory: Trajectory) -> Weights:
    """Weights W_k of shape (length, d, d) of a trajectory from a residual start."""
    return stored_weights(ResidualStart.expect(trajectory.problem).network, trajectory.states, "the theorem")


def excess_over_allowed(problem: Problem) -> Estimate:
    """R(0) - R_min over what the theorem allows; inf where it allows nothing."""
    start = ResidualStart.expect(problem)
    return Estimate.exact(start.excess / start.allowed_excess if start.allowed_excess else math.inf)


CLOSE = Hypothesis("R(0) - R_min is at most what is allowed (as a ratio)", AtMost(1.0), excess_over_allowed)
