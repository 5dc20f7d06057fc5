"""The axis of a trajectory: what its states are indexed by."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence.values._input import InputError, finite_array
from fathometer.evidence.values._record import Record


class AxisKind(StrEnum):
    """What runs along an axis. `LOG_TIME` holds natural logarithms of times."""

    TIME = "time"
    LOG_TIME = "log_time"
    STEP = "step"
    ROUND = "round"
    LAYER = "layer"
    DRAW = "draw"
    PARAMETER = "parameter"


@dataclass(frozen=True, eq=False)
class Axis(Record):
    """Strictly increasing points of one kind.

    Attributes:
        kind: what the points count or measure.
        points: shape (length,), finite, strictly increasing, at least one.
        label: what to write on a plot, with its unit; the kind when empty.

    Raises:
        InputError: if the points are empty, not finite or not strictly increasing.
    """

    kind: AxisKind
    points: NDArray[np.float64]
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", AxisKind(self.kind))
        points = finite_array("axis points", self.points, ndim=1)
        if points.size == 0:
            raise InputError("an axis must have at least one point")
        if np.any(np.diff(points) <= 0):
            raise InputError("axis points must be strictly increasing")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "label", self.label or str(self.kind))

    def __len__(self) -> int:
        return int(self.points.size)
