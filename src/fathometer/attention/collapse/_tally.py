"""What a run has cost and seen so far."""

from dataclasses import dataclass, field

import numpy as np

from fathometer.attention._energy import energy_deficit
from fathometer.attention.collapse._cloud import Cloud
from fathometer.attention.collapse._glide import Glide, Pause
from fathometer.attention.collapse._window import padded

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
        levels: clusters left, log time and unit energy, at the start and after mergers.
    """

    accepted: int = 0
    rejected: int = 0
    evaluations: int = 0
    jumps: int = 0
    pairs: int = 0
    levels: list[tuple[int, float, float]] = field(default_factory=list)

    def count(self, found: Glide, pairs: int) -> None:
        """Add what was done until a pause, with so many pairs in an evaluation."""
        pause, accepted, rejected = int(found.pause), int(found.accepted), int(found.rejected)
        self.accepted += accepted + (pause == Pause.EVENT)
        self.rejected += rejected
        evaluations = 1 + 6 * (accepted + rejected + (pause in (Pause.EVENT, Pause.HORIZON)))
        self.evaluations += evaluations
        self.pairs += evaluations * pairs

    def note_level(self, cloud: Cloud, beta: float, log_time: float) -> None:
        """Record the energy: at every merger from a hundred clusters on, at every percent from a thousand on."""
        alive = cloud.alive
        if self.levels and len(alive) > min(0.99 * self.levels[-1][0], _LEVELS) and len(alive) > 1:
            return
        size = padded(len(alive))
        points, masses = np.zeros((size, cloud.points.shape[1])), np.zeros(size)
        points[: len(alive)], masses[: len(alive)] = cloud.points[alive], np.exp(cloud.log_masses[alive])
        deficit = float(energy_deficit(points, masses, beta))  # type: ignore[arg-type]  (compiled code takes NumPy arrays)
        self.levels.append((len(alive), log_time, 1 - 2 * beta * deficit))
