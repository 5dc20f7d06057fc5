"""How long clusters stay apart, certified once a run has made them tight, and the run that it is held against."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.certified._errors import angle_error, place_errors
from fathometer.attention.dynamics.collapse._collapse import simulate_collapse
from fathometer.attention.dynamics.collapse.results._plateaus import LOG_START
from fathometer.attention.dynamics.collapse.results._record import Collapse
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens
from fathometer.attention.predictions.lifetime._lifetime import ClusterLifetime, cluster_lifetime, life_in_sight
from fathometer.evidence import Axis, AxisKind, Estimate, Event, InputError, Origin, Trajectory

_TIMES = np.append(0.0, 2.0 ** np.arange(10))
_TOLERANCE = 1e-12
_MEETING = "two clusters within the event chord"


def lifetime_after_collapse(
    system: ParticleSystem, clusters: int | None = None, event_chord: float | None = None
) -> tuple[ClusteredTokens, ClusterLifetime]:
    """Integrate until clusters are tight, and certify from there how long they stay apart.

    Of the states at the times 0, 1, 2, 4, ... 512 the two that promise the longest life are certified, with four times
    the largest difference from the run's twins (looser tolerance, start moved by rounding) as the error of a position.
    The certificate is proved for all positions within that error; that the error is right is as sure as the twins.

    Args:
        system: the tokens at time 0.
        clusters: how many; chosen if None.
        event_chord: as for `cluster_lifetime`.

    Raises:
        InputError: if a value is not as above, or single linkage makes that number of clusters at none of the times.
    """
    run = simulate(system, _TIMES, tolerance=_TOLERANCE)
    moments = [
        _Moment(replace(system, points=points), time, angle_error(float(error)))
        for points, time, error in zip(run.states["points"], _TIMES, place_errors(run), strict=True)
    ]
    best = sorted(moments, key=lambda moment: _promise(moment, clusters, event_chord), reverse=True)[:2]
    lives = [life for moment in best if (life := _certify(moment, clusters, event_chord)) is not None]
    if not lives:
        raise InputError(f"clusters must be a number that single linkage makes at some time, got {clusters}")
    return max(lives, key=lambda one: (one[1].log_tight < one[1].log_time, one[1].log_exit_time))


def simulate_lifetime(tokens: ClusteredTokens, *, tolerance: float = 1e-8, check: bool = True) -> Trajectory:
    """Follow clusters until two of them meet, by the collapse solver.

    Args:
        tokens: at the moment from which on time counts.
        tolerance: as for `simulate_collapse`.
        check: as for `simulate_collapse`.

    Returns:
        A trajectory along log time with the start alone, and the event that tokens of different clusters are within the
        event chord of each other.
    """
    collapse = simulate_collapse(tokens.system, tolerance=tolerance, event_chord=tokens.event_chord, check=check)
    axis = Axis(AxisKind.LOG_TIME, np.array([LOG_START]), "log time")
    event = Event(_MEETING, _first_meeting(tokens, collapse))
    states = {"points": tokens.system.points[None]}
    return Trajectory(tokens, axis, states, Origin.SIMULATED, events=(event,))


def log_first_meeting(trajectory: Trajectory) -> Estimate:
    """Log of the time at which tokens of different clusters first make an event of the collapse solver."""
    return trajectory.event(_MEETING)


def _first_meeting(tokens: ClusteredTokens, collapse: Collapse) -> Estimate:
    for event in collapse.events:
        together = [i for side in event.members for i in side]
        if len(set(tokens.members[together])) > 1:
            log_time = -np.inf if event.log_time is None else event.log_time
            error = 10 * collapse.tolerance if event.error is None else event.error
            return Estimate.heuristic(log_time, log_time - error, log_time + error)
    return Estimate.heuristic(np.inf, collapse.log_time_of_collapse.lower, np.inf)


class _Moment(NamedTuple):
    """Tokens at a time of a run, and the angle within which each is known."""

    system: ParticleSystem
    time: float
    error: float


def _promise(moment: _Moment, clusters: int | None, chord: float | None) -> tuple[bool, float]:
    try:
        return life_in_sight(moment.system, clusters=clusters, error=moment.error, event_chord=chord)
    except InputError:
        return False, -np.inf


def _certify(
    moment: _Moment, clusters: int | None, chord: float | None
) -> tuple[ClusteredTokens, ClusterLifetime] | None:
    try:
        life = cluster_lifetime(moment.system, clusters=clusters, error=moment.error, event_chord=chord)
    except InputError:
        return None
    with np.errstate(divide="ignore"):
        life = replace(life, from_log_time=float(np.log(moment.time)))
    return ClusteredTokens(moment.system, life.members, life.error, life.event_chord), life
