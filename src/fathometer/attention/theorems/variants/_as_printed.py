"""Statements about angles, mixtures and noise as they are printed where that is wrong. Tests show that they fail."""

from dataclasses import replace

from fathometer.attention.dynamics.variants._mean_field import MeanFieldCircle
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._uniform_pattern import growth_rates
from fathometer.attention.theorems.energy import circle_motion
from fathometer.attention.theorems.variants import noisy_growth
from fathometer.evidence import Axis, Problem, Within


def _without_square(problem: Problem, axis: Axis | None) -> Within:
    found = len(ParticleSystem.expect(problem).points) ** 2 * circle_motion.angle_form(problem)
    return Within(found - circle_motion.ROUNDING, found + circle_motion.ROUNDING)


def _wrong_side(problem: Problem, axis: Axis | None) -> Within:
    law = MeanFieldCircle.expect(problem)
    return noisy_growth.linear_law(problem, axis, growth_rates(1, 2, law.beta, law.model)[0] + 1 / law.kappa)


CIRCLE_MOTION = replace(
    circle_motion.THEOREM,
    id="circle_motion_as_printed",
    statement="Under USA dtheta_i/dt is n times the slope, written as sum_j k sin(theta_j - theta_i) without 1/n^2.",
    predict=_without_square,
)

NOISY_GROWTH = replace(
    noisy_growth.THEOREM,
    id="noisy_growth_as_printed",
    statement="With the Laplacian on the printed side the order parameter grows at the rate lambda_1 + 1/kappa.",
    predict=_wrong_side,
)
"""For the density of the mixture as printed, see `mixture_density` with `normalizer` 1."""
