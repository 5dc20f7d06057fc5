"""Global clustering: when no critical point but a single cluster attracts.

What is measured is the mechanism: tokens that rest without being one cluster have a direction of growth. With it,
almost every initial condition converges to one cluster (centre-stable manifolds and the gradient structure).
"""

import sys

import jax.numpy as jnp
import numpy as np

from fathometer.attention._critical_points import linear_rates
from fathometer.attention._field import velocity
from fathometer.attention._system import particles
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Trajectory, Within


def fastest_growth(trajectory: Trajectory) -> Estimate:
    """Largest growth rate about the tokens at time 0."""
    rates = linear_rates(particles(trajectory.problem))
    value, lower, upper = (np.asarray(part)[0] for part in (rates.value, rates.lower, rates.upper))
    return Estimate.heuristic(value, lower, upper)


def strict_saddle(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least one direction grows."""
    return AtLeast(sys.float_info.min)


def beta_of(problem: Problem) -> Estimate:
    """Beta."""
    return Estimate.exact(particles(problem).beta)


def beta_times_number(problem: Problem) -> Estimate:
    """Beta n."""
    system = particles(problem)
    return Estimate.exact(system.beta * len(system.points))


def beta_per_pair(problem: Problem) -> Estimate:
    """Beta / n^2."""
    system = particles(problem)
    return Estimate.exact(system.beta / len(system.points) ** 2)


def dimension(problem: Problem) -> Estimate:
    """Dimension d of the space."""
    return Estimate.exact(particles(problem).points.shape[1])


def _fastest_token(problem: Problem) -> Estimate:
    system = particles(problem)
    speeds = velocity(jnp.asarray(system.points), jnp.asarray(system.masses), system.beta, system.model)
    return Estimate.exact(np.max(np.linalg.norm(np.asarray(speeds), axis=1)))


def _spread(problem: Problem) -> Estimate:
    points = particles(problem).points
    return Estimate.exact(np.max(np.linalg.norm(points - points[0], axis=1)))


AT_REST = (
    Hypothesis("the tokens are at rest (largest speed)", AtMost(1e-12, domain=(0, None)), _fastest_token),
    Hypothesis("more than one cluster (distance)", AtLeast(1e-6, domain=(0, 2)), _spread),
)
ON_THE_CIRCLE = Hypothesis("on the circle: d = 2", Within(2, 2, domain=(2, None)), dimension)
