"""How a collapse is computed, and how it can end."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from fathometer.evidence import text_near


class CollapseStatus(StrEnum):
    """How a run ended.

    COLLAPSED: one cluster is left. SADDLE: the direction of motion is not determined by the data at this tolerance.
    STEP_LIMIT: the steps were used up. TOLERANCE_FLOOR: the tolerance asks for more digits than float64 has; raise it.
    """

    COLLAPSED = "collapsed"
    SADDLE = "saddle"
    STEP_LIMIT = "step_limit"
    TOLERANCE_FLOOR = "tolerance_floor"


@dataclass(frozen=True)
class Settings:
    """How a run is made.

    Attributes:
        tolerance: error allowed in log time, and, times `length`, in positions.
        event_chord: distance at which clusters count as one in the events.
        jumps: whether isolated pairs run by the clock of two bodies.
        max_steps: number of trials after which to stop.
        length: 1 / max(1, beta): how far a cluster moves while the forces on it change by a factor e, at the least.
    """

    tolerance: float
    event_chord: float
    jumps: bool
    max_steps: int
    length: float

    @property
    def merge_chord(self) -> float:
        """Distance at which clusters become one; far above the errors of positions, which else look like a saddle."""
        return max(30 * self.tolerance * self.length, 1e-14)

    def coarser(self) -> "Settings":
        """Return the same with ten times the tolerance."""
        return replace(self, tolerance=10 * self.tolerance)

    def finer(self) -> "Settings":
        """Return the same with a tenth of the tolerance."""
        return replace(self, tolerance=self.tolerance / 10)


def advice(status: CollapseStatus, settings: Settings) -> str:
    """Return what happened and what to try, in a line; empty where nothing is amiss."""
    asked, fine = text_near(settings.tolerance), text_near(settings.tolerance * settings.length, 1)
    said = {
        CollapseStatus.COLLAPSED: "",
        CollapseStatus.SADDLE: (
            "the pulls on the clusters cancel to within the tolerance, so nothing tells which of them move: symmetric "
            "or antipodal tokens stand still for ever; move a token a little, or give a smaller tolerance"
        ),
        CollapseStatus.STEP_LIMIT: f"{settings.max_steps} steps were not enough; allow more, or a larger tolerance",
        CollapseStatus.TOLERANCE_FLOOR: (
            f"tolerance {asked} asks for positions to {fine}, finer "
            "than float64 keeps here; give a larger tolerance, or a smaller beta"
        ),
    }
    return said[status]


Clock = tuple[int, int, float, float]


class Pace(NamedTuple):
    """What decides, beside the clusters, how a run goes on.

    Attributes:
        log_time: log of the time until which everything is known.
        length: of the next step.
        log_speed: of the motion at the end of the last step.
        depth: how long windows are good for.
        next_look: number of steps after which isolated pairs are looked for again.
        clocks: isolated pairs, by their positions in the list of clusters, the log of their starts, and their doubts.
    """

    log_time: float
    length: float
    log_speed: float
    depth: float
    next_look: int
    clocks: tuple[Clock, ...]
