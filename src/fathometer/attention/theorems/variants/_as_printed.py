"""The statement about angles as it is printed where that is wrong. Tests show that it fails."""

from dataclasses import replace

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems.energy import circle_motion
from fathometer.evidence import Axis, Problem, Within


def _without_square(problem: Problem, axis: Axis | None) -> Within:
    found = len(ParticleSystem.expect(problem).points) ** 2 * circle_motion.angle_form(problem)
    return Within(found - circle_motion.ROUNDING, found + circle_motion.ROUNDING)


CIRCLE_MOTION = replace(
    circle_motion.THEOREM,
    id="circle_motion_as_printed",
    statement="Under USA dtheta_i/dt is n times the slope, written as sum_j k sin(theta_j - theta_i) without 1/n^2.",
    predict=_without_square,
)
