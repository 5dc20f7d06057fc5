"""Tokens in a hemisphere are one cluster by an explicit time."""

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import time_of_one_cluster
from fathometer.attention.predictions._hemisphere import latest_collapse
from fathometer.attention.theorems._examples import octahedron, run_in_a_hemisphere
from fathometer.evidence import Axis, AxisKind, NotAfter, Problem, Source, Theorem


def _latest_time(problem: Problem, axis: Axis | None) -> NotAfter:
    return NotAfter(latest_collapse(ParticleSystem.expect(problem)))


THEOREM = Theorem(
    id="hemisphere_collapse",
    theory="attention",
    title="One cluster by an explicit time in a hemisphere",
    statement="With r_0 = min_i <x_i(0), w> > 0 and D(0) the diameter of the chart y_i = x_i / <x_i, w>, all tokens are"
    " within the chord c of each other, hence one cluster, not after exp(2 beta) log(D(0)/c) / r_0;"
    " here c = 0.1/sqrt(max(1, beta)).",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, with an explicit time",
        "Derived from the explicit rate: chords are not longer than distances in the chart.",
    ),
    about=ParticleSystem,
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=time_of_one_cluster,
    predict=_latest_time,
    example=run_in_a_hemisphere,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("hemisphere_rate",),
)
