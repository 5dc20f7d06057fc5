"""What a run has cost and seen so far."""

from dataclasses import dataclass, field

import numpy as np

from fathometer.attention.dynamics.collapse._cloud import Cloud
from fathometer.attention.dynamics.collapse.steps._compiled_loop import Outcome, Pause
from fathometer.attention.dynamics.collapse.steps._window import padded
from fathometer.attention.model._energy import energy_deficit

_LEVELS = 1024
"""Number of clusters up to which the energy is recorded after mergers."""


@dataclass
class Tally:
    """Counts, and the staircase of the energy.

    Attributes:
        accepted: steps.
        rejected: steps that were tried in vain.
        evaluations: of the force.
        jumps: mergers without steps.
        pairs: pairs in all evaluations.
        levels: clusters left, log time and unit energy, at the start and after mergers, as far as they are measured.
    """

    accepted: int = 0
    rejected: int = 0
    evaluations: int = 0
    jumps: int = 0
    pairs: int = 0
    levels: list[tuple[int, float, float]] = field(default_factory=list)
    _unmeasured: list[tuple[int, float, np.ndarray, np.ndarray]] = field(default_factory=list, init=False)

    def count(self, outcome: Outcome, pairs: int) -> None:
        """Add what was done until a pause, with so many pairs in an evaluation."""
        pause, accepted, rejected = int(outcome.pause), int(outcome.accepted), int(outcome.rejected)
        self.accepted += accepted + (pause == Pause.EVENT)
        self.rejected += rejected
        evaluations = 1 + 6 * (accepted + rejected + (pause in (Pause.EVENT, Pause.HORIZON)))
        self.evaluations += evaluations
        self.pairs += evaluations * pairs

    def note_level(self, cloud: Cloud, log_time: float) -> None:
        """Record the clusters: at every merger from a hundred clusters on, at every percent from a thousand on."""
        alive = cloud.alive
        last = self._unmeasured or self.levels
        if last and len(alive) > min(0.99 * last[-1][0], _LEVELS) and len(alive) > 1:
            return
        self._unmeasured.append((len(alive), log_time, cloud.points[alive], np.exp(cloud.log_masses[alive])))

    def measure(self, beta: float) -> list[tuple[int, float, float]]:
        """Return the staircase, its energies now computed: between the steps that would take three times as long."""
        for count, log_time, places, weights in self._unmeasured:
            size = padded(count)
            points, masses = np.zeros((size, places.shape[1])), np.zeros(size)
            points[:count], masses[:count] = places, weights
            deficit = float(energy_deficit(points, masses, beta))  # type: ignore[arg-type]  (compiled code takes NumPy arrays)
            self.levels.append((count, log_time, 1 - 2 * beta * deficit))
        self._unmeasured.clear()
        return self.levels
