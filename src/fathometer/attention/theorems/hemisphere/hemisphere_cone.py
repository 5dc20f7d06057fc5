"""Tokens in a hemisphere only move further into it."""

import numpy as np

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Axis, Direction, Estimate, Monotone, Problem, Source, Theorem, Trajectory
from fathometer.numerics import hemisphere_axis


def _lowest_token(trajectory: Trajectory) -> Estimate:
    axis, _ = hemisphere_axis(ParticleSystem.expect(trajectory.problem).points)
    return Estimate.exact(np.min(trajectory.states["points"] @ axis, axis=-1), along=trajectory.axis)


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
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=_lowest_token,
    predict=_rises,
)
