"""Tokens drawn from a narrow Gaussian mixture start in separated caps."""

import math
import sys

from fathometer.attention.model._random_problems import GaussianMixture
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import (
    AtLeast,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    WithProbability,
)


def room(trajectory: Trajectory) -> Estimate:
    """Room of the worst token in its cap, draw by draw."""
    return Estimate.exact(trajectory.states["room"], along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> WithProbability:
    """All tokens in their caps, but for a share 2 exp(-d) of the draws."""
    return WithProbability(AtLeast(0.0), 2 * math.exp(-GaussianMixture.expect(problem).centres.shape[1]))


def _gamma(problem: Problem) -> Estimate:
    return Estimate.exact(GaussianMixture.expect(problem).gamma)


def _slack(problem: Problem) -> Estimate:
    return Estimate.exact(GaussianMixture.expect(problem).epsilon - GaussianMixture.expect(problem).spread)


THEOREM = Theorem(
    id="mixture_separated",
    theory="attention",
    title="Gaussian mixtures start separated",
    statement="For points X_i of the mixture of N(sqrt(r) w_q, sigma^2 I_d), q <= r <= n, with delta = sigma / sqrt(r):"
    " if the caps of the w_q have gamma > 0 and 6 delta sqrt(d) / (1 + delta sqrt(d)) + delta sqrt(2 d log n) <= eps,"
    " the tokens X_i / |X_i| are (beta, eps)-separated with probability at least 1 - 2 exp(-d).",
    source=Source(METASTABILITY, "random initial data, Gaussian mixture", "The density is printed with d = 1."),
    hypotheses=(
        Hypothesis("the centres are separated: gamma > 0", AtLeast(sys.float_info.min), _gamma),
        Hypothesis("the mixture is narrow (room)", AtLeast(0.0), _slack),
    ),
    quantity=room,
    predict=predict,
)
