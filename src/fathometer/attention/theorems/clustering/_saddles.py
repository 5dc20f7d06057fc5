"""Global clustering: when no critical point but a single cluster attracts.

What is measured is the mechanism: tokens that rest without being one cluster have a direction of growth. With it,
almost every initial condition converges to one cluster (centre-stable manifolds and the gradient structure).
"""

import numpy as np

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._critical_points import linear_rates
from fathometer.evidence import Axis, Estimate, Positive, Problem, Trajectory
from fathometer.numerics import in_float64


@in_float64
def fastest_growth(trajectory: Trajectory) -> Estimate:
    """Largest growth rate about the tokens at time 0."""
    rates = linear_rates(ParticleSystem.expect(trajectory.problem))
    value, lower, upper = (np.asarray(part)[0] for part in (rates.value, rates.lower, rates.upper))
    return Estimate.heuristic(value, lower, upper)


def strict_saddle(problem: Problem, axis: Axis | None) -> Positive:
    """At least one direction grows."""
    return Positive()
