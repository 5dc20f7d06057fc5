"""On the circle the models are a scalar equation for every angle, and the slope of the energy."""

import jax.numpy as jnp
import numpy as np

from fathometer.attention.model._field import angular_velocity, velocity
from fathometer.attention.model._hypotheses import USA_ONLY
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._rest import ON_THE_CIRCLE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import octahedron, run_of_rippled_ring
from fathometer.evidence import Axis, AxisKind, Estimate, PrintedForm, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics import in_float64

_ROUNDING = 1e-12


@in_float64
def _measured(trajectory: Trajectory) -> Estimate:
    """Velocities of the angles at the first state, from the field of the points."""
    system, points = ParticleSystem.expect(trajectory.problem), trajectory.states["points"][0]
    speeds = np.asarray(velocity(jnp.asarray(points), jnp.asarray(system.masses), system.beta, system.model))
    return Estimate.exact(points[:, 0] * speeds[:, 1] - points[:, 1] * speeds[:, 0])


@in_float64
def _predict(problem: Problem, axis: Axis | None, factor: float = 1.0) -> Within:
    system = ParticleSystem.expect(problem)
    angles = jnp.arctan2(system.points[:, 1], system.points[:, 0])
    speeds = factor * np.asarray(angular_velocity(angles, jnp.asarray(system.masses), system.beta, system.model))
    return Within(speeds - _ROUNDING, speeds + _ROUNDING)


def _predict_as_printed(problem: Problem, axis: Axis | None) -> Within:
    return _predict(problem, axis, factor=len(ParticleSystem.expect(problem).points) ** 2)


THEOREM = Theorem(
    id="circle_motion",
    theory="attention",
    title="The models on the circle",
    statement="For x_i = (cos theta_i, sin theta_i), dtheta_i/dt = sum_j m_j k(theta_i - theta_j)"
    " sin(theta_j - theta_i) under USA, for equal masses n times the slope (1/n^2) sum_j k sin of EE/(2 beta), and that"
    " over Z_i under SA.",
    source=Source(METASTABILITY, "the models in angles", "The display for USA drops the factor 1/n^2 of the slope."),
    about=ParticleSystem,
    hypotheses=(ON_THE_CIRCLE,),
    quantity=_measured,
    predict=_predict,
    example=run_of_rippled_ring,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
    as_printed=(
        PrintedForm(
            "Under USA dtheta_i/dt is n times the slope, written as sum_j k sin(theta_j - theta_i) without 1/n^2.",
            predict=_predict_as_printed,
            hypotheses=(ON_THE_CIRCLE, USA_ONLY),
        ),
    ),
)
