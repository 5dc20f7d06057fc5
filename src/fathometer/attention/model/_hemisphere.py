"""Tokens in an open hemisphere: the margin, and the hypothesis that it is positive."""

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem
from fathometer.numerics import hemisphere_axis


def hemisphere_margin(problem: Problem) -> Estimate:
    """Largest min_i <x_i(0), w> over unit vectors w: positive if and only if an open hemisphere holds all tokens."""
    return hemisphere_axis(ParticleSystem.expect(problem).points)[1]


OPEN_HEMISPHERE = Hypothesis("all tokens in an open hemisphere", AtLeast(1e-9, domain=(-1, 1)), hemisphere_margin)
