"""Global clustering: when no critical point but a single cluster attracts.

What is measured is the mechanism: tokens that rest without being one cluster have a direction of growth. With it,
almost every initial condition converges to one cluster (centre-stable manifolds and the gradient structure).
"""

import sys

import numpy as np

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._critical_points import linear_rates
from fathometer.evidence import AtLeast, Axis, Estimate, Problem, Trajectory


def fastest_growth(trajectory: Trajectory) -> Estimate:
    """Largest growth rate about the tokens at time 0."""
    rates = linear_rates(ParticleSystem.expect(trajectory.problem))
    value, lower, upper = (np.asarray(part)[0] for part in (rates.value, rates.lower, rates.upper))
    return Estimate.heuristic(value, lower, upper)


def strict_saddle(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least one direction grows."""
    return AtLeast(sys.float_info.min)
