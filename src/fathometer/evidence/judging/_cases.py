"""The four cases of a theorem: each verdict that it can end in, on its own example."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence.judging._judge import edges, judge
from fathometer.evidence.judging._prediction import (
    Direction,
    GrowthExponent,
    IntervalPrediction,
    Monotone,
    Prediction,
    WithProbability,
)
from fathometer.evidence.judging._theorem import Theorem
from fathometer.evidence.judging._verdict import Status, Verdict
from fathometer.evidence.values._axis import Axis, AxisKind
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._input import InputError

_DRAWS = 1000


@dataclass(frozen=True)
class Case:
    """One case of a theorem.

    Attributes:
        name: what was judged, in a few words.
        expected: the status that the verdict must have.
        verdict: what came of it.
    """

    name: str
    expected: Status
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.verdict.status is self.expected


def cases(theorem: Theorem) -> list[Case]:
    """Run a theorem through its verdicts, and its printed forms through theirs.

    HOLDS on the example; VIOLATED by a measurement beyond what is predicted for it; UNDECIDED with
    unlimited error bars; INAPPLICABLE on the counterexample. A printed form ends as it says.
    """
    holds = theorem.test(theorem.example())
    return [
        Case("example", Status.HOLDS, holds),
        Case("measured beyond the prediction", Status.VIOLATED, _again(holds, _beyond)),
        Case("measured with unlimited error bars", Status.UNDECIDED, _again(holds, _unlimited)),
        *_broken(theorem),
        *(
            Case(f"as printed: {form.statement}", form.ends, printed.test(printed.example()))
            for form, printed in ((form, theorem.printed(form)) for form in theorem.as_printed)
        ),
    ]


def _broken(theorem: Theorem) -> list[Case]:
    if theorem.counterexample is None:
        return []
    verdict = theorem.judge(theorem.counterexample(), Estimate.exact(math.nan))
    return [Case("counterexample", Status.INAPPLICABLE, verdict)]


def _again(holds: Verdict, change: Callable[[Prediction, Estimate], Estimate]) -> Verdict:
    """The verdict on the same prediction and another measurement."""
    if holds.prediction is None or holds.measured is None:
        return holds
    return judge(holds.prediction, change(holds.prediction, holds.measured), holds.theorem, holds.checks)


def _unlimited(prediction: Prediction, measured: Estimate) -> Estimate:
    return Estimate.heuristic(measured.value, -math.inf, math.inf, measured.along)


def _beyond(prediction: Prediction, measured: Estimate) -> Estimate:
    """A measurement of the same shape that the prediction rules out.

    Raises:
        InputError: if it rules nothing out.
    """
    shape, along = measured.shape, measured.along
    match prediction:
        case IntervalPrediction():
            return Estimate.exact(_outside(prediction, measured.value), along)
        case Monotone(direction, slack):
            back = np.arange(shape[0], dtype=float).reshape(-1, *[1] * (len(shape) - 1)) * (1 + slack)
            back = -back if direction is Direction.INCREASING else back
            return Estimate.exact(np.broadcast_to(back, shape), along)
        case GrowthExponent() if along is not None:
            logs = along.points if along.kind is AxisKind.LOG_TIME else np.log(along.points)
            return Estimate.exact(np.exp((prediction.upper + 1) * (logs - logs[-1])), along)
        case WithProbability(claim):
            draws = Axis(AxisKind.DRAW, np.arange(float(_DRAWS))) if np.size(measured.value) == 1 else along
            shape = (_DRAWS,) if np.size(measured.value) == 1 else shape
            return Estimate.exact(_outside(claim, np.broadcast_to(measured.value, shape)), draws)
    raise InputError(f"no rule goes beyond a {type(prediction).__name__}")


def _outside(prediction: IntervalPrediction, values: ArrayLike) -> NDArray[np.float64]:
    """Values beyond the edges that are finite and inside the domain."""
    lowest, highest = prediction.domain
    low, high = (None if edge is None else np.asarray(edge.value) for edge in edges(prediction))
    moved = np.broadcast_to(values, np.broadcast_shapes(*(np.shape(x) for x in (values, low, high) if x is not None)))
    if low is not None:
        below = low - np.maximum(1.0, np.abs(low)) if lowest is None else (low + lowest) / 2
        moved = np.where(np.isfinite(low) & (below < low), below, moved)
    if high is not None:
        above = high + np.maximum(1.0, np.abs(high)) if highest is None else (high + highest) / 2
        moved = np.where(np.isfinite(high) & (above > high), above, moved)
    return moved
