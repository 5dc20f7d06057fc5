"""The smallest step along a direction that raises the loss, by forward passes alone."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError, Record, finite_number, whole_number
from fathometer.network._objective import Objective
from fathometer.network.steps._crossing import first_crossing
from fathometer.network.steps._directions import Direction

_SHARE = 1e-2  # of the parameters' length: a first step where nothing better is known


@dataclass(frozen=True, eq=False)
class CriticalStep(Record):
    """The smallest s > 0 with L(w - s u) > L(w), in a bracket.

    At the lower end the loss is not above L(w), at the upper end it is, beyond the rounding of the loss: so it crosses
    in between. That no smaller s crosses is not proved: a rise and fall between two steps that were tried goes unseen.

    Attributes:
        step: the bracket; infinite above if the loss did not rise as far as it was tried.
        loss: L(w).
        passes: forward passes over the data, that of L(w) included.
        direction: which u.
        taken: the s that training takes, in the same unit; None if no training is known.
        tried: steps and L(w - s u) - L(w), in the order of the passes, shape (passes - 1, 2); infinite where the loss
            is not finite.
    """

    step: Estimate
    loss: float
    passes: int
    direction: str
    taken: float | None
    tried: NDArray[np.float64]

    @property
    def sharpness(self) -> Estimate:
        """Critical sharpness 2/s; g'Hg/g'g for a quadratic along its gradient."""
        return self.against(2.0)

    @property
    def ratio(self) -> Estimate | None:
        """The step that training takes over the critical one; above 1 the next step raises the loss."""
        return None if self.taken is None else self.against(self.taken)

    def against(self, taken: float) -> Estimate:
        """A step over the critical one."""
        s = self.step
        value, lower, upper = (taken / end if end > 0 else math.inf for end in (s.value, s.upper, s.lower))
        return Estimate(value, lower, upper, s.kind, s.confidence)


def critical_step_along(
    objective: Objective,
    direction: Direction,
    *,
    rtol: float = 1e-2,
    passes: int = 30,
    start: float | None = None,
) -> CriticalStep:
    """The critical step of a loss along a direction.

    Args:
        objective: the loss where the network is.
        direction: u.
        rtol: width of the bracket relative to its lower end, in (0, 1); wider where the rounding of the loss is.
        passes: most forward passes over the data, at least 4.
        start: first step to try, positive; from the slope if None, or the step that training takes.

    Raises:
        InputError: if the loss is not finite, or rises from the start along the direction.
    """
    finite_number("rtol", rtol, above=0, below=1)
    budget = whole_number("passes", passes, at_least=4)
    loss = objective.loss()
    if not np.isfinite(loss):
        raise InputError(f"the loss must be finite where the network is, got {loss}")
    vector = direction.vector
    length, size = float(np.linalg.norm(vector)), float(np.linalg.norm(objective.parameters()))
    eps = float(np.finfo(objective.dtype).eps)

    def difference(step: float) -> float:
        moved = np.asarray(-step * vector, np.float64)
        return objective.loss(moved.astype(objective.dtype)) - loss

    with np.errstate(over="ignore", invalid="ignore"):
        crossing = first_crossing(
            difference,
            _first(start, direction, loss, size / length if size else 1 / length),
            slope=direction.slope,
            rtol=rtol,
            evaluations=budget - 1,
            least=eps * size / length * 1e-3,
            rounding=eps * abs(loss),
        )
    made = len(crossing.tried) + 1
    return CriticalStep(crossing.step, loss, made, direction.name, direction.taken, crossing.tried)


def _first(start: float | None, direction: Direction, loss: float, whole: float) -> float:
    """A first step: what is given, twice what would end at loss 0 along the tangent, or what training takes."""
    if start is not None:
        return finite_number("start", start, above=0)
    if direction.slope and direction.slope > 0 and loss:
        return min(2 * abs(loss) / direction.slope, whole)
    if direction.taken is not None:
        return direction.taken
    return _SHARE * whole


def described(found: CriticalStep, taken: float | None = None) -> dict[str, Any]:
    """The JSON form of a command's answer.

    Args:
        found: what was found.
        taken: the step that training takes; the one of the direction if None.
    """
    taken = found.taken if taken is None else taken
    return {
        "critical_step": found.step.to_json(),
        "passes": found.passes,
        "critical_sharpness": found.sharpness.to_json(),
        "loss": found.loss,
        "direction": found.direction,
        "taken": taken,
        "ratio": None if taken is None else found.against(taken).to_json(),
        "tried": [[s, f if np.isfinite(f) else None] for s, f in found.tried.tolist()],
    }
