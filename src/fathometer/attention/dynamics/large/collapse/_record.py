"""What is handed out about the collapse of a large cloud."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics.collapse._status import CollapseStatus
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Estimate, Record


@dataclass(frozen=True, eq=False)
class LateEvent(Record):
    """Two groups of tokens became one.

    Attributes:
        log_time: natural logarithm of the time.
        error: of it, from a run with a tenth of the tolerance; None without it, or where it showed another event.
        tokens: of the two groups.
        mass: of both together.
        condition: change of log time per unit change of beta times the positions, from a perturbed run; or None.
        clusters: how many were left.
    """

    log_time: float
    error: float | None
    tokens: tuple[int, int]
    mass: float
    condition: float | None
    clusters: int


@dataclass(frozen=True, eq=False)
class LargeCollapse(Record):
    """From a large cloud to the last merger.

    Attributes:
        engine: "large".
        status: how it ended.
        tokens: at time 0.
        clusters: how many were left at the end.
        events: the last ones, in the order of their times.
        log_time_of_collapse: natural logarithm of the time of the last event; inf if not collapsed.
        condition: the largest of the events; None without a perturbed run.
        levels: clusters left after log times, at most 200 of them.
        evaluations: of the velocities of the whole cloud, in the first stage.
        cluster_steps: of single clusters, in the second.
        accepted: compiled steps of few clusters, in the third.
        jumps: mergers of isolated pairs in the third, which took no steps.
        tolerance: error allowed.
        event_chord: distance that makes an event.
        unresolved: first so many rows of the merge tree: their log times are those at which tokens were seen in one
            cell of the merge chord, somewhat after they came within the event chord.
        note: what happened and what to try; empty where nothing is amiss.
    """

    engine: str
    status: CollapseStatus
    tokens: int
    clusters: int
    events: tuple[LateEvent, ...]
    log_time_of_collapse: Estimate
    condition: float | None
    levels: tuple[tuple[int, float], ...]
    evaluations: int
    cluster_steps: int
    accepted: int
    jumps: int
    tolerance: float
    event_chord: float
    unresolved: int
    note: str


@dataclass(frozen=True, eq=False)
class LastClusters(Record):
    """The clusters with which the last waits began: a cloud of its own, with masses.

    Attributes:
        system: their places and masses.
        log_time: natural logarithm of the time at which they were there.
    """

    system: ParticleSystem
    log_time: float


@dataclass(frozen=True, eq=False)
class LargeTree(Record):
    """The merge tree of a large cloud.

    Attributes:
        linkage: rows (first cluster, second cluster, log time, tokens), shape (n - clusters, 4); clusters 0 to n - 1
            are the tokens, and row i makes cluster n + i. Times are -inf for tokens that coincide at the start.
        last: the clusters with which the last waits began; None where the first stage left one.
    """

    linkage: NDArray[np.float64]
    last: LastClusters | None = None
