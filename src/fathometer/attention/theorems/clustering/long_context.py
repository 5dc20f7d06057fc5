"""What one layer of attention does to equiangular tokens of a long context."""

import jax.numpy as jnp
import numpy as np

from fathometer.attention.model._field import interaction
from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._equiangular import EQUIANGULAR, common_cosine, extreme_cosines, layer_cosine
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics import in_float64


@in_float64
def _cosines_after_a_layer(trajectory: Trajectory) -> Estimate:
    system = ParticleSystem.expect(trajectory.problem)
    points = jnp.asarray(trajectory.states["points"][0])
    force, partition = interaction(points, jnp.asarray(system.masses), system.beta)
    gaps = jnp.sum((points[:, None] - points[None]) ** 2, axis=-1) / 2
    along = jnp.sum(system.masses[None] * jnp.exp(-system.beta * gaps) * (1 - gaps), axis=-1)
    averages = np.asarray((force + along[:, None] * points) / partition[:, None])
    directions = averages / np.linalg.norm(averages, axis=1, keepdims=True)
    return Estimate.exact(extreme_cosines(directions[None])[0])


def _formula(problem: Problem, axis: Axis | None) -> Within:
    system = ParticleSystem.expect(problem)
    n = len(system.points)
    cosine = layer_cosine(max(common_cosine(system), 0.0), n, system.beta / np.log(n))
    return Within(cosine - 1e-9, cosine + 1e-9)


def _cosine(problem: Problem) -> Estimate:
    return Estimate.exact(common_cosine(ParticleSystem.expect(problem)))


THEOREM = Theorem(
    id="long_context",
    theory="attention",
    title="One layer of attention on equiangular tokens",
    statement="With beta = gamma log n, the averages sum_j A_ij x_j of n tokens with the common cosine rho >= 0 have"
    " the common cosine (rho + (1 - rho) (2 a o + (n - 2) o^2)) / (rho + (1 - rho) (a^2 + (n - 1) o^2)) with"
    " a = 1/(1 + (n - 1) n^(-gamma (1 - rho))), o = (1 - a)/(n - 1); for n to infinity it tends to 1, to"
    " 4 rho/(1 + 3 rho) or to rho, as gamma is below, at or above 1/(1 - rho).",
    source=Source(SURVEY, "long-context limit", "The formula at finite n is derived; measured on the first state."),
    hypotheses=(*EQUIANGULAR, Hypothesis("a common cosine that is not negative", AtLeast(-1e-12), _cosine)),
    quantity=_cosines_after_a_layer,
    predict=_formula,
)
