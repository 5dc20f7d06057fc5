"""Certificates of clusters a posteriori: from where a run is, with the error of its positions."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int
from scipy.cluster.hierarchy import DisjointSet

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.collapse._collapse import simulate_collapse
from fathometer.attention.dynamics.collapse.results._plateaus import LOG_START
from fathometer.attention.dynamics.collapse.results._record import Collapse
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens, Plateaus
from fathometer.attention.predictions.lifetime._lifetime import (
    PLATEAU_FINENESS,
    ClusterLifetime,
    cluster_lifetime,
    life_in_sight,
    lifetime_of,
)
from fathometer.evidence import Axis, AxisKind, Estimate, Event, InputError, Origin, Record, Trajectory

_TIMES = np.append(0.0, 2.0 ** np.arange(10))
_TOLERANCE = 1e-12
_SAFETY = 4.0
_MOST_CLUSTERS = 64
_UNFIT = "the clusters are too wide or too close for the bound"
_MEETING = "two clusters within the event chord"
MOST_PLATEAUS = 24
"""Plateaus that are certified, the last ones."""


@dataclass(frozen=True, eq=False)
class CertifiedPlateau(Record):
    """What is certain about the time between a merger and the next one.

    Attributes:
        event: number of the event that ends the plateau.
        clusters: how many there are on it.
        log_plateau: log of its length at the least; None if nothing is certain.
        why_not: reason in one sentence where it is None; else empty.
        lifetime: the certificate; None where there is none.
        start: the state that it was made of.
    """

    event: int
    clusters: int
    log_plateau: float | None
    why_not: str
    lifetime: ClusterLifetime | None = None
    start: ClusteredTokens | None = None


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
    lives = []
    for i in sorted(range(len(_TIMES)), key=lambda i: _promise(run, i, clusters, event_chord), reverse=True)[:2]:
        life = _certify(run, i, clusters, event_chord)
        if life is not None:
            lives.append(life)
    if not lives:
        raise InputError(f"clusters must be a number that single linkage makes at some time, got {clusters}")
    return max(lives, key=lambda one: (one[1].log_tight < one[1].log_time, one[1].log_exit_time))


def certified_staircase(system: ParticleSystem, collapse: Collapse, run: Trajectory | None) -> list[CertifiedPlateau]:
    """Certify the length of the last plateaus of a collapse, from the state that was saved soon after each merger.

    Groups that have met count as one cluster from then on.

    Args:
        system: the tokens at time 0.
        collapse: their collapse.
        run: its trajectory, from `collapse_trajectory`; None if there is none.

    Returns:
        One entry for each event of the collapse.
    """
    last = len(collapse.events) - MOST_PLATEAUS
    return [_plateau(system, collapse, run, i, i >= last) for i in range(len(collapse.events))]


def _plateau(
    system: ParticleSystem, collapse: Collapse, run: Trajectory | None, event: int, wanted: bool
) -> CertifiedPlateau:
    members = groups_before(collapse, event)
    clusters = int(members.max()) + 1
    state = None if run is None else _state_on(collapse, run, event)
    why = _why_not(run, state, clusters, collapse.events[event].log_time, wanted)
    if why or run is None or state is None:
        return CertifiedPlateau(event, clusters, None, why)
    error = position_error(run, state) + 2 * np.arcsin(min(1.0, merge_chord(collapse, system) / 2))
    here = replace(system, points=run.states["points"][state])
    start = ClusteredTokens(here, members, error, collapse.event_chord)
    life = replace(lifetime_of(start, PLATEAU_FINENESS), from_log_time=float(run.axis.points[state]))
    if life.log_time == -np.inf:
        return CertifiedPlateau(event, clusters, None, _UNFIT, life, start)
    return CertifiedPlateau(event, clusters, life.log_time, "", life, start)


def _why_not(run: Trajectory | None, state: int | None, clusters: int, log_time: float | None, wanted: bool) -> str:
    if log_time is None:
        return "at the start"
    if not wanted:
        return f"only the last {MOST_PLATEAUS} plateaus are certified"
    if run is None:
        return "no states were kept"
    if not run.twins:
        return "the run has no twins, so that its error is not known"
    if clusters > _MOST_CLUSTERS:
        return f"more than {_MOST_CLUSTERS} clusters"
    return "no state was kept on it" if state is None else ""


def groups_before(collapse: Collapse, event: int) -> Int[np.ndarray, " n"]:
    """Number of the cluster of every token before an event of a collapse.

    Args:
        collapse: all of it.
        event: number of the event.
    """
    sets = DisjointSet(range(len(collapse.events) + collapse.clusters))
    for earlier in collapse.events[:event]:
        sets.merge(earlier.members[0][0], earlier.members[1][0])
    roots = [sets[i] for i in sets]
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def _state_on(collapse: Collapse, run: Trajectory, event: int) -> int | None:
    """First state that was saved after the event before and before this one."""
    start = collapse.events[event - 1].log_time if event else None
    end = collapse.events[event].log_time
    times = run.axis.points
    inside = np.flatnonzero(
        (times > (-np.inf if start is None else start)) & (times < (-np.inf if end is None else end))
    )
    return int(inside[0]) if inside.size else None


def position_error(run: Trajectory, state: int) -> float:
    """Angle by which positions of a state are unsure: four times the largest difference of the run from its twins."""
    here = run.states["points"][state]
    others = [np.asarray(twin.states["points"][state]) for twin in run.twins if len(twin.states["points"]) > state]
    moved = [float(np.max(np.linalg.norm(here - other, axis=-1))) for other in others]
    return _SAFETY * 2 * float(np.arcsin(min(1.0, max(moved, default=0.0) / 2)))


def merge_chord(collapse: Collapse, system: ParticleSystem) -> float:
    """Distance below which the solver takes clusters for one point."""
    return max(30 * collapse.tolerance / max(1.0, system.beta), 1e-14)


def _promise(run: Trajectory, state: int, clusters: int | None, chord: float | None) -> tuple[bool, float]:
    system = ParticleSystem.expect(run.problem)
    try:
        here = replace(system, points=run.states["points"][state])
        return life_in_sight(here, clusters=clusters, error=position_error(run, state), event_chord=chord)
    except InputError:
        return False, -np.inf


def _certify(
    run: Trajectory, state: int, clusters: int | None, chord: float | None
) -> tuple[ClusteredTokens, ClusterLifetime] | None:
    here = replace(ParticleSystem.expect(run.problem), points=run.states["points"][state])
    try:
        life = cluster_lifetime(here, clusters=clusters, error=position_error(run, state), event_chord=chord)
    except InputError:
        return None
    with np.errstate(divide="ignore"):
        life = replace(life, from_log_time=float(np.log(run.axis.points[state])))
    return ClusteredTokens(here, life.members, life.error, life.event_chord), life


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


def staircase_run(collapse: Collapse, plateaus: list[CertifiedPlateau]) -> Trajectory | None:
    """Return measured logs of the lengths of certified plateaus, with their errors, as a trajectory; None if none are.

    Args:
        collapse: it has the lengths.
        plateaus: of the collapse, from `certified_staircase`.
    """
    kept = [p for p in plateaus if p.log_plateau is not None and collapse.events[p.event].log_plateau is not None]
    if not kept:
        return None
    problem = Plateaus(tuple(p.start for p in kept if p.start is not None), tuple(p.event for p in kept))
    events = [collapse.events[p.event] for p in kept]
    errors = [10 * collapse.tolerance if event.error is None else event.error for event in events]
    # an error of both ends in log time, relative to the length of the plateau
    stretch = [np.exp(float(event.log_time or 0.0) - float(event.log_plateau or 0.0)) for event in events]
    states = {
        "log_plateau": np.array([event.log_plateau for event in events], float),
        "error": 2 * np.array(errors) * np.array(stretch),
    }
    return Trajectory(
        problem, Axis(AxisKind.PARAMETER, np.array(problem.ends, float), "event"), states, Origin.SIMULATED
    )
