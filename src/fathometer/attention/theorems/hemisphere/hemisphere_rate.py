"""Tokens in a hemisphere approach each other at an explicit exponential rate."""

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._hemisphere import log_chart_shrinkage
from fathometer.attention.observables.clusters._clusters import until_one_cluster
from fathometer.attention.predictions._hemisphere import contraction_rate
from fathometer.attention.theorems._examples import octahedron, run_in_a_hemisphere
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, InputError, Problem, Source, Theorem, Trajectory


def _log_width(trajectory: Trajectory) -> Estimate:
    start = ParticleSystem.expect(trajectory.problem).points
    return log_chart_shrinkage(trajectory.states["points"], start, trajectory.axis)


def _shrinks(problem: Problem, axis: Axis | None) -> AtMost:
    if axis is None:
        raise InputError("the rate is a statement along time; the measurement has no axis")
    return AtMost(-contraction_rate(ParticleSystem.expect(problem)) * axis.points + 1e-5)


THEOREM = Theorem(
    id="hemisphere_rate",
    theory="attention",
    title="Explicit rate of collapse in a hemisphere",
    statement="With r_0 = min_i <x_i(0), w> > 0, the diameter D of the chart y_i = x_i / <x_i, w> obeys"
    " log D(t)/D(0) <= -r_0 exp(-2 beta) t; here until the tokens are one cluster.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, with an explicit rate",
        "The rate is derived: in the chart the flow is an average with weights at least m_j r_0 exp(-2 beta). The true"
        " rate in the end is 1. A slack of 1e-5 is room for the solver; in one cluster, distances are rounding.",
    ),
    about=ParticleSystem,
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=_log_width,
    predict=_shrinks,
    example=run_in_a_hemisphere,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
    part=until_one_cluster,
    uses=("hemisphere_cone",),
)
