"""A run that was stopped, in a form that can be stored."""

import hashlib
import math
from dataclasses import dataclass

from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters
from fathometer.attention.dynamics.collapse._counters import Tally
from fathometer.attention.dynamics.collapse._drive import Run
from fathometer.attention.dynamics.collapse._status import Pace, PairStart, Settings
from fathometer.attention.dynamics.collapse.results._meetings import Bond, Meeting
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import InputError, Record

Row = tuple[float | None, int, int, float, int]


class ForeignSnapshotError(InputError):
    """A snapshot of another run than the one that is to go on."""


@dataclass(frozen=True, eq=False)
class Snapshot(Record):
    """Everything that is needed to go on: the clusters now, and the merge tree so far.

    Attributes:
        origin: digest of the system and of the settings.
        clusters: as they are at the log time.
        pace: log time, step length, log speed (None for -inf), depth of windows, next look for isolated pairs.
        clocks: isolated pairs by their positions among the clusters, the log of their starts (None at time 0), and
            their doubts.
        meetings: log time (None at time 0), two particles, doubt and bond of every meeting so far.
        levels: clusters left, log time and unit energy after mergers.
        counts: accepted and rejected steps, evaluations, jumps, pairs.
    """

    origin: str
    clusters: Clusters
    pace: tuple[float | None, float, float | None, float, int]
    clocks: tuple[tuple[int, int, float | None, float], ...]
    meetings: tuple[Row, ...]
    levels: tuple[tuple[int, float | None, float], ...]
    counts: tuple[int, int, int, int, int]

    @classmethod
    def of(cls, run: Run) -> "Snapshot":
        """Take the state of a run at a checkpoint or at its end, from which it goes on as if it had not stopped."""
        tally, pace = run.tally, run.pace()
        return cls(
            _origin(run.system, run.settings),
            run.cloud.clusters(),
            (_finite(pace.log_time), pace.length, _finite(pace.log_speed), pace.depth, pace.next_look),
            tuple((first, second, _finite(start), doubt) for first, second, start, doubt in pace.pairs),
            tuple((_finite(m.log_time), m.first, m.second, m.doubt, int(m.bond)) for m in run.cloud.meetings),
            tuple((k, _finite(log_time), energy) for k, log_time, energy in tally.measure(run.system.beta)),
            (tally.accepted, tally.rejected, tally.evaluations, tally.jumps, tally.pairs),
        )

    def restore(self, system: ParticleSystem, settings: Settings) -> Run:
        """Return a run that goes on from here.

        Raises:
            ForeignSnapshotError: if the snapshot is of another system or other settings.
        """
        if self.origin != _origin(system, settings):
            raise ForeignSnapshotError(
                "the snapshot must be of the same points, masses, beta, model and settings; delete it to begin again"
            )
        meetings = [Meeting(_time(time), i, j, doubt, Bond(bond)) for time, i, j, doubt, bond in self.meetings]
        levels = [(k, _time(log_time), energy) for k, log_time, energy in self.levels]
        log_time, length, log_speed, depth, next_look = self.pace
        pairs = tuple(PairStart(first, second, _time(start), doubt) for first, second, start, doubt in self.clocks)
        pace = Pace(_time(log_time), length, _time(log_speed), depth, next_look, pairs)
        return Run.going_on(system, settings, Cloud(self.clusters, meetings), Tally(*self.counts, levels), pace)


def _origin(system: ParticleSystem, settings: Settings) -> str:
    digest = hashlib.sha256(system.points.tobytes() + system.masses.tobytes())
    digest.update(repr((system.beta, str(system.model), settings)).encode())
    return digest.hexdigest()


def _finite(log_time: float) -> float | None:
    return log_time if math.isfinite(log_time) else None


def _time(log_time: float | None) -> float:
    return -math.inf if log_time is None else log_time
