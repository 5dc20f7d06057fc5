"""The ways in which a collapse is run: itself, with another tolerance, and from points that are moved a little."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fathometer.attention.dynamics.collapse._drive import Run
from fathometer.attention.dynamics.collapse._snapshot import Snapshot
from fathometer.attention.dynamics.collapse._status import CollapseStatus, Settings
from fathometer.attention.dynamics.collapse._wanted import Wanted
from fathometer.attention.dynamics.collapse.results._meetings import Joined, joined
from fathometer.attention.model._system import ParticleSystem

Progress = Callable[[str, Run], None]
"""Called at checkpoints with the name of the run ("run", "fine", "coarse", "twin") and the run itself."""

_TWIN_SEED = 0x7717
"""Not a seed that anyone draws points with: the shift must not be parallel to them."""

_FINEST = 1e-12
"""Errors of positions that steps may be asked for without being at the mercy of rounding."""


@dataclass(frozen=True)
class Ways:
    """A system that is run in several ways, each of them finished when it is returned.

    Attributes:
        system: the tokens at time 0.
        settings: of the run itself.
        progress: see `Progress`.
        snapshots: where runs go on, by their names.
        log_times: logs of times at which states are wanted, ascending.
    """

    system: ParticleSystem
    settings: Settings
    progress: Progress | None = None
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    log_times: Sequence[float] = ()

    def itself(self) -> tuple[Run, CollapseStatus]:
        """Return the run, and how it ended."""
        return self._finished("run", self.system, self.settings)

    def other(self) -> tuple[Run, float]:
        """Return a run with a tenth of the tolerance, or with ten times of it, and the weight of its difference.

        The first unless rounding is in its way.
        """
        if self.settings.finer().tolerance * self.settings.length >= _FINEST:
            fine, status = self._finished("fine", self.system, self.settings.finer())
            if status is CollapseStatus.COLLAPSED:
                return fine, 5.0
        return self._finished("coarse", self.system, self.settings.coarser())[0], 1.0

    def moved(self, size: float) -> Run:
        """Return a run from tokens each of which is moved by `size` in a random direction that is always the same."""
        return self._finished("twin", _perturbed(self.system, size), self.settings)[0]

    def _finished(self, name: str, system: ParticleSystem, settings: Settings) -> tuple[Run, CollapseStatus]:
        snapshot = self.snapshots.get(name)
        run = Run(system, settings) if snapshot is None else snapshot.restore(system, settings)
        report = self.progress
        status = run.finish(lambda run: report(name, run) if report is not None else None, Wanted(self.log_times))
        return run, status


def mergers(run: Run) -> tuple[Joined, ...]:
    """Return the mergers of a run that is finished, in the order of their times."""
    return tuple(joined(run.cloud.final_meetings()))


def _perturbed(system: ParticleSystem, size: float) -> ParticleSystem:
    points = system.points
    shift = np.random.default_rng(_TWIN_SEED).standard_normal(points.shape)
    shift -= np.sum(shift * points, axis=1, keepdims=True) * points
    moved = points + size * shift / np.linalg.norm(shift, axis=1, keepdims=True)
    return ParticleSystem.project(moved, system.beta, system.model, system.masses)
