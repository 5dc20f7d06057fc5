"""On the circle the models are a scalar equation for every angle, and the slope of the energy."""

import jax.numpy as jnp
import numpy as np

from fathometer.attention.model._field import velocity
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._rest import ON_THE_CIRCLE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import Axis, Estimate, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics import in_float64

ROUNDING = 1e-12


@in_float64
def angular_velocities(trajectory: Trajectory) -> Estimate:
    """Velocities of the angles at the first state, from the field of the points."""
    system, points = ParticleSystem.expect(trajectory.problem), trajectory.states["points"][0]
    arrays = jnp.asarray(points), jnp.asarray(system.masses)
    speeds = np.asarray(velocity(*arrays, system.beta, system.model))
    return Estimate.exact(points[:, 0] * speeds[:, 1] - points[:, 1] * speeds[:, 0])


def angle_form(problem: Problem) -> np.ndarray:
    """sum_j m_j k sin(theta_j - theta_i), divided by sum_l m_l k for SA."""
    system = ParticleSystem.expect(problem)
    angles = np.arctan2(system.points[:, 1], system.points[:, 0])
    ahead = angles - angles[:, None]
    pulls = system.masses * np.exp(-2 * system.beta * np.sin(ahead / 2) ** 2)
    speeds = np.sum(pulls * np.sin(ahead), axis=1)
    return speeds / np.sum(pulls, axis=1) if system.model is Model.SA else speeds


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The equation in the angles, to rounding."""
    found = angle_form(problem)
    return Within(found - ROUNDING, found + ROUNDING)


THEOREM = Theorem(
    id="circle_motion",
    theory="attention",
    title="The models on the circle",
    statement="For x_i = (cos theta_i, sin theta_i), dtheta_i/dt = sum_j m_j k(theta_i - theta_j)"
    " sin(theta_j - theta_i) under USA, for equal masses n times the slope (1/n^2) sum_j k sin of EE/(2 beta), and that"
    " over Z_i under SA.",
    source=Source(METASTABILITY, "the models in angles", "The display for USA drops the factor 1/n^2 of the slope."),
    hypotheses=(ON_THE_CIRCLE,),
    quantity=angular_velocities,
    predict=predict,
)
