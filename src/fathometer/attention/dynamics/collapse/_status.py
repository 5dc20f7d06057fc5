"""How a collapse is computed, and how it can end."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.evidence import finite_number, text_near, whole_number


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

    @classmethod
    def of(
        cls, system: ParticleSystem, tolerance: float, event_chord: float | None, jumps: bool, max_steps: int
    ) -> "Settings":
        """Read the settings of a user.

        Args:
            system: the tokens at time 0.
            tolerance: between 1e-13 and 1e-4.
            event_chord: between a thousandth of the interaction range 1/sqrt(max(1, beta)) and the whole; a tenth of
                it if None.
            jumps: see the attributes.
            max_steps: at least 1.

        Raises:
            InputError: if a value is not as above.
        """
        length = 1 / max(1.0, system.beta)
        chord = default_resolution(system.beta) if event_chord is None else event_chord
        return cls(
            finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-4),
            finite_number("event_chord", chord, at_least=1e-3 * math.sqrt(length), at_most=math.sqrt(length)),
            jumps,
            whole_number("max_steps", max_steps, at_least=1),
            length,
        )

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


class PairStart(NamedTuple):
    """How the clock of an isolated pair was started.

    Attributes:
        first: position of a cluster in the list of present ones.
        second: position of the other one.
        log_start: log of the time since which the clock runs; -inf for the start of the run.
        doubt: share of their motion that is due to others, an error of the logs.
    """

    first: int
    second: int
    log_start: float
    doubt: float


class Pace(NamedTuple):
    """What decides, beside the clusters, how a run goes on.

    Attributes:
        log_time: log of the time until which everything is known.
        length: of the next step.
        log_speed: of the motion at the end of the last step.
        depth: how long windows are good for.
        next_look: number of steps after which isolated pairs are looked for again.
        pairs: the isolated ones.
    """

    log_time: float
    length: float
    log_speed: float
    depth: float
    next_look: int
    pairs: tuple[PairStart, ...]
