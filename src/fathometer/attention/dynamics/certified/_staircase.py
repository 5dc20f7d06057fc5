"""The plateaus of a collapse, each with a length that is certain from the state that was kept soon after it began."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int
from scipy.cluster.hierarchy import DisjointSet

from fathometer.attention.dynamics.certified._errors import angle_error, merge_room, place_errors
from fathometer.attention.dynamics.collapse.results._record import Collapse
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens, Plateaus
from fathometer.attention.predictions.lifetime._lifetime import PLATEAU_FINENESS, ClusterLifetime, lifetime_of
from fathometer.evidence import Axis, AxisKind, Origin, Record, Trajectory

_MOST_CLUSTERS = 64
_UNFIT = "the clusters are too wide or too close for the bound"
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
    error = angle_error(float(place_errors(run, merge_room(collapse.tolerance, system.beta))[state]))
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
