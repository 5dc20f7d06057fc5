"""Tokens at rest, and the other hypotheses of global clustering."""

import jax.numpy as jnp
import numpy as np

from fathometer.attention.model._field import velocity
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import AtLeast, AtMost, Estimate, Hypothesis, Problem, Within
from fathometer.numerics import in_float64


def beta_of(problem: Problem) -> Estimate:
    """Beta."""
    return Estimate.exact(ParticleSystem.expect(problem).beta)


def beta_times_number(problem: Problem) -> Estimate:
    """Beta n."""
    system = ParticleSystem.expect(problem)
    return Estimate.exact(system.beta * len(system.points))


def beta_per_pair(problem: Problem) -> Estimate:
    """Beta / n^2."""
    system = ParticleSystem.expect(problem)
    return Estimate.exact(system.beta / len(system.points) ** 2)


def dimension(problem: Problem) -> Estimate:
    """Dimension d of the space."""
    return Estimate.exact(ParticleSystem.expect(problem).points.shape[1])


@in_float64
def _fastest_token(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    speeds = velocity(jnp.asarray(system.points), jnp.asarray(system.masses), system.beta, system.model)
    return Estimate.exact(np.max(np.linalg.norm(np.asarray(speeds), axis=1)))


def _spread(problem: Problem) -> Estimate:
    points = ParticleSystem.expect(problem).points
    return Estimate.exact(np.max(np.linalg.norm(points - points[0], axis=1)))


AT_REST = (
    Hypothesis("the tokens are at rest (largest speed)", AtMost(1e-12, domain=(0, None)), _fastest_token),
    Hypothesis("more than one cluster (distance)", AtLeast(1e-6, domain=(0, 2)), _spread),
)


ON_THE_CIRCLE = Hypothesis("on the circle: d = 2", Within(2, 2, domain=(2, None)), dimension)
