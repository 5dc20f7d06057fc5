"""Tokens in a hemisphere approach each other at an explicit exponential rate."""

import numpy as np

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._hemisphere import chart_diameter
from fathometer.attention.predictions._hemisphere import contraction_rate
from fathometer.evidence import AtMost, Axis, Estimate, InputError, Problem, Source, Theorem, Trajectory
from fathometer.numerics import hemisphere_axis

_ERROR = 1e-7
"""Error of a width, heuristic: simulated tokens that have met keep distances of a fraction of the tolerance."""


def _log_width(trajectory: Trajectory) -> Estimate:
    start = ParticleSystem.expect(trajectory.problem).points
    axis, _ = hemisphere_axis(start)
    widths = chart_diameter(np.concatenate([start[None], trajectory.states["points"]]), axis)
    log_start = np.log(max(widths[0], np.finfo(float).tiny))
    ends = (np.maximum(widths[1:] + error, 0.0) for error in (0.0, -_ERROR, _ERROR))
    with np.errstate(divide="ignore"):
        return Estimate.heuristic(*(np.log(width) - log_start for width in ends), along=trajectory.axis)


def _shrinks(problem: Problem, axis: Axis | None) -> AtMost:
    if axis is None:
        raise InputError("the rate is a statement along time; the measurement has no axis")
    return AtMost(-contraction_rate(ParticleSystem.expect(problem)) * axis.points + 1e-5)


THEOREM = Theorem(
    id="hemisphere_rate",
    theory="attention",
    title="Explicit rate of collapse in a hemisphere",
    statement="With r_0 = min_i <x_i(0), w> > 0, the diameter D of the chart y_i = x_i / <x_i, w> obeys"
    " log D(t)/D(0) <= -r_0 exp(-2 beta) t.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, with an explicit rate",
        "The rate is derived: in the chart the flow is an average with weights at least m_j r_0 exp(-2 beta). The true"
        " rate in the end is 1. A slack of 1e-5 is room for the solver.",
    ),
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=_log_width,
    predict=_shrinks,
)
