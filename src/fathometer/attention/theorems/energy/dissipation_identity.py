"""What the energy gains is what the tokens dissipate."""

import jax.numpy as jnp

from fathometer.attention.dynamics.large import evaluate_field
from fathometer.attention.model._field import velocity_and_dissipation
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import DISSIPATION_DEFECT, known_along
from fathometer.attention.theorems._examples import octahedron, run_in_a_hemisphere
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)
from fathometer.numerics import in_float64

_ALL_PAIRS = 4096
"""Tokens up to which every pair is taken; of more, the field comes from the engine for many tokens."""


@in_float64
def _initial_dissipation(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    if len(system.points) > _ALL_PAIRS:
        return Estimate.exact(evaluate_field(system).dissipation)
    points, masses = jnp.asarray(system.points), jnp.asarray(system.masses)
    return Estimate.exact(float(velocity_and_dissipation(points, masses, system.beta, system.model)[1]))


def _defect(trajectory: Trajectory) -> Estimate:
    return known_along(trajectory, DISSIPATION_DEFECT)


def _no_defect(problem: Problem, axis: Axis | None) -> Within:
    return Within(-1e-6, 1e-6)


THEOREM = Theorem(
    id="dissipation_identity",
    theory="attention",
    title="Energy gained is energy dissipated",
    statement="The rise of EE/(2 beta) equals the time integral of sum_i m_i |dx_i/dt|^2 for USA and of"
    " sum_i m_i Z_i |dx_i/dt|^2 for SA; here to 1e-6 of the largest rise.",
    source=Source(PERSPECTIVE, "gradient flow structure of SA and USA", "Weighted form derived."),
    about=ParticleSystem,
    hypotheses=(Hypothesis("the tokens move at time 0", AtLeast(1e-12, domain=(0, None)), _initial_dissipation),),
    quantity=_defect,
    predict=_no_defect,
    example=run_in_a_hemisphere,
    counterexample=octahedron,
    along=(AxisKind.TIME, AxisKind.LOG_TIME),
    reads=("dissipated",),
)
