"""Tokens that a run has brought into a hemisphere, up to its error, are one cluster by an explicit time."""

import dataclasses
import functools

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.certified._collapse import known_clouds
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.hemisphere._known_cloud import CERTAINLY_IN_A_HEMISPHERE, KnownCloud
from fathometer.attention.observables.clusters._clusters import log_meeting_time
from fathometer.attention.predictions.hemisphere._known_cloud import certified_log_time
from fathometer.attention.theorems._examples import TIMES, octahedron
from fathometer.evidence import AtMost, Axis, AxisKind, Problem, Source, Theorem, Trajectory
from fathometer.numerics import in_float64


def _latest(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(certified_log_time(KnownCloud.expect(problem)))


@functools.cache
@in_float64
def _six_in_no_hemisphere() -> Trajectory:
    """Six tokens around the sphere, known from the seventh moment of their run on, when a hemisphere holds them."""
    run = simulate(ParticleSystem.uniform(6, 3, 1.0, Model.SA, seed=4), TIMES)
    return dataclasses.replace(run, problem=known_clouds(run)[6])


def _at_rest() -> KnownCloud:
    return KnownCloud(octahedron(), 1e-10, 0.0)


THEOREM = Theorem(
    id="certified_collapse",
    theory="attention",
    title="A collapse that is certain from a moment on",
    statement="If at time s every token is within e of a known place x_i, and r = min_i <x_i, w> > e, then all tokens"
    " are one cluster not after s + T, T the time of the cone lemma for the margin r - e and the width"
    " D + 2 e (1 + 1/(r - e))/r of the chart; for tokens that start anywhere. Here the log of that time.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, from a later time on",
        "Derived. The error e of a run is 4 times its largest difference from its twins, which is heuristic.",
    ),
    about=KnownCloud,
    hypotheses=(CERTAINLY_IN_A_HEMISPHERE,),
    quantity=log_meeting_time,
    predict=_latest,
    example=_six_in_no_hemisphere,
    counterexample=_at_rest,
    along=(AxisKind.TIME, AxisKind.LOG_TIME),
    reads=("points",),
    uses=("cone_collapse_time",),
)
