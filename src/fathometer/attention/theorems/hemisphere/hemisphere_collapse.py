"""Tokens in a hemisphere are one cluster by an explicit time."""

import numpy as np

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import default_resolution, time_of_one_cluster
from fathometer.attention.observables._hemisphere import chart_diameter
from fathometer.attention.predictions._hemisphere import contraction_rate
from fathometer.evidence import Axis, NotAfter, Problem, Source, Theorem
from fathometer.numerics import hemisphere_axis


def _latest_time(problem: Problem, axis: Axis | None) -> NotAfter:
    system = ParticleSystem.expect(problem)
    width = float(chart_diameter(system.points[None], hemisphere_axis(system.points)[0])[0])
    shrink = max(0.0, np.log(max(width, np.finfo(float).tiny) / default_resolution(system.beta)))
    with np.errstate(divide="ignore", over="ignore"):
        return NotAfter(np.divide(shrink, contraction_rate(system)) if shrink else 0.0)


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
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=time_of_one_cluster,
    predict=_latest_time,
)
