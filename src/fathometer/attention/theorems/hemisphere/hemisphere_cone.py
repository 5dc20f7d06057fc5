"""Tokens in a hemisphere only move further into it."""

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._hemisphere import lowest_token
from fathometer.attention.theorems._examples import octahedron, run_in_a_hemisphere
from fathometer.evidence import Axis, AxisKind, Direction, Estimate, Monotone, Problem, Source, Theorem, Trajectory


def _lowest_token(trajectory: Trajectory) -> Estimate:
    start = ParticleSystem.expect(trajectory.problem).points
    return lowest_token(trajectory.states["points"], start, trajectory.axis)


def _rises(problem: Problem, axis: Axis | None) -> Monotone:
    return Monotone(Direction.INCREASING, slack=1e-6)


THEOREM = Theorem(
    id="hemisphere_cone",
    theory="attention",
    title="A hemisphere is never left",
    statement="If <x_i(0), w> > 0 for all tokens then min_i <x_i(t), w> never decreases.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, first step of the proof",
        "w is the axis of largest margin at time 0. The slack of 1e-6 is room for the solver.",
    ),
    about=ParticleSystem,
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=_lowest_token,
    predict=_rises,
    example=run_in_a_hemisphere,
    counterexample=octahedron,
    along=(AxisKind.TIME, AxisKind.LOG_TIME),
    reads=("points",),
)
