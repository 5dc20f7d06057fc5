"""Tokens in a hemisphere are one cluster by a time that pays for their width only while they are wide."""

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.hemisphere._known_cloud import KnownCloud
from fathometer.attention.observables.clusters._clusters import log_meeting_time
from fathometer.attention.predictions.hemisphere._known_cloud import certified_log_time
from fathometer.attention.theorems._examples import octahedron, run_in_a_hemisphere
from fathometer.evidence import AtMost, Axis, AxisKind, Problem, Source, Theorem


def _latest(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(certified_log_time(KnownCloud(ParticleSystem.expect(problem), 0.0)))


THEOREM = Theorem(
    id="cone_collapse_time",
    theory="attention",
    title="One cluster by a time that falls with the width",
    statement="With r_0 = min_i <x_i(0), w> > 0 and D the diameter of the chart y_i = x_i / <x_i, w>, the diameter u"
    " falls at the rate max(r_0, exp(-arsinh(u/2))) exp(-2 beta u^2/(4 + u^2)) or faster, for any masses and dimension"
    " and both models, so that all tokens are within the chord c of each other not after the integral of 1/(u rate(u))"
    " from 2 tan(arcsin(c/2)) to D; here log of that time, and c = 0.1/sqrt(max(1, beta)).",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, with a rate that depends on the width",
        "Derived: tokens at a chart distance u are at an angle of at most 2 arctan(u/2), and the ratio of two heights"
        " over the rim is at least exp(-arsinh(u/2)). The rate tends to 1. The integral is rounded up.",
    ),
    about=ParticleSystem,
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=log_meeting_time,
    predict=_latest,
    example=run_in_a_hemisphere,
    counterexample=octahedron,
    along=(AxisKind.TIME, AxisKind.LOG_TIME),
    reads=("points",),
    uses=("hemisphere_cone",),
)
