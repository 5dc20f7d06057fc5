"""What is handed out about a collapse."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse._status import CollapseStatus
from fathometer.evidence import Estimate, Record


@dataclass(frozen=True, eq=False)
class CollapseEvent(Record):
    """Two groups of particles came within the event chord for the last time: single linkage lost a component for good.

    A group that reaches further than five event chords, or 1, from its mass centre is a chain and not yet a cluster:
    its events are at the time from which on it does not.

    Attributes:
        log_time: natural logarithm of the time; None at time 0.
        error: of `log_time`, from a run with another tolerance (see `simulate_collapse`); None if that was not run, or
            did not show the event. It contains the true error in more than 99 of 100 random systems.
        members: particles of the two groups, each ascending.
        mass: of both together.
        log_plateau: log of the time since the event before; None after time 0, and where the two cannot be told apart.
        condition: how much log time changes per unit change of beta times the positions, from a twin run; or None.
        tied: whether the order of this event and the one before is undetermined.
        ill_conditioned: whether this event, or one before it, is decided by less than the accuracy of the points.
    """

    log_time: float | None
    error: float | None
    members: tuple[tuple[int, ...], tuple[int, ...]]
    mass: float
    log_plateau: float | None
    condition: float | None = None
    tied: bool = False
    ill_conditioned: bool = False


@dataclass(frozen=True, eq=False)
class EnergyLevel(Record):
    """Unit energy right after a merger.

    Attributes:
        clusters: how many were left.
        log_time: log of the time; None at time 0.
        energy: unit energy, in (0, 1].
    """

    clusters: int
    log_time: float | None
    energy: float


@dataclass(frozen=True, eq=False)
class Collapse(Record):
    """From the first cluster to the last merger.

    Attributes:
        status: how it ended; the events of a run that did not collapse are those of the clusters that it had made.
        clusters: how many were left at the end.
        events: in the order of their times; n - 1 if collapsed.
        log_time_of_collapse: natural logarithm of the time of the last event; inf if not collapsed.
        condition: the largest of the events; None without a twin run.
        twin_events: of the run with perturbed points, where it is not the same within the condition; else empty.
        energy_levels: the staircase: at the start and after mergers, every one from a hundred clusters on.
        rhs_evaluations: force evaluations of the run itself.
        pair_evaluations: pairs in all of them, lists filled up to their lengths.
        accepted: steps.
        rejected: steps that were tried in vain.
        jumps: mergers of isolated pairs, which took no steps.
        tolerance: error allowed.
        event_chord: distance that makes an event.
        note: a limitation in one line, or empty.
    """

    status: CollapseStatus
    clusters: int
    events: tuple[CollapseEvent, ...]
    log_time_of_collapse: Estimate
    condition: float | None
    twin_events: tuple[CollapseEvent, ...]
    energy_levels: tuple[EnergyLevel, ...]
    rhs_evaluations: int
    pair_evaluations: int
    accepted: int
    rejected: int
    jumps: int
    tolerance: float
    event_chord: float
    note: str = ""

    def merge_tree(self, *, drawable: bool = False) -> Float[np.ndarray, "events 4"]:
        """Return the events in the form of SciPy's linkage matrices, with log times (-inf at time 0) as heights.

        Rows are (first cluster, second cluster, log time, particles); clusters 0 to n - 1 are the particles, and row i
        makes cluster n + i.

        Args:
            drawable: with heights that SciPy's `dendrogram` takes, finite and not negative: 0 at time 0, and after it 1
                plus how much the log time is above that of the first event.
        """
        n = len(self.events) + self.clusters
        number: dict[tuple[int, ...], int] = {(i,): i for i in range(n)}
        rows = []
        for i, (event, height) in enumerate(zip(self.events, self._heights(drawable), strict=True)):
            together = tuple(sorted(event.members[0] + event.members[1]))
            rows.append((number.pop(event.members[0]), number.pop(event.members[1]), height, len(together)))
            number[together] = n + i
        return np.array(rows, float).reshape(-1, 4)

    def _heights(self, drawable: bool) -> Float[np.ndarray, " events"]:
        log_times = np.array([-np.inf if event.log_time is None else event.log_time for event in self.events])
        if not drawable:
            return log_times
        later = log_times > -np.inf
        return np.where(later, 1 + log_times - np.min(log_times[later], initial=np.inf), 0.0)
