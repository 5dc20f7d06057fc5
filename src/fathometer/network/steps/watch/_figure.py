"""The picture of a watched training: curvature against the edge, critical step against the one taken, loss."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError
from fathometer.network.steps.watch._history import History, Moment
from fathometer.report import Chart, Comparison, Curve, Figure, Role, level

MOST = 60
"""So many looks are drawn at most."""
_STEP = "training step"
_NEAR = 0.1  # a ratio within so much of 1 counts as at the edge


def watch_figure(history: History) -> Figure:
    """Draw what a watch has seen, with the edge as a line.

    Args:
        history: with at least one look.

    Raises:
        InputError: if there was no look.
    """
    if not history.moments:
        raise InputError(f"there must be a look to draw: {history.summary()}")
    steps = np.array([moment.step for moment in history.moments], float)
    shown = slice(None, None, -(-len(steps) // MOST) | 1)  # odd, to show both sides of an oscillation of period 2
    charts = [_curvature(history, steps, shown), _chart("Loss", "loss", history.column("loss"), steps, shown)]
    if any(moment.critical is not None for moment in history.moments):
        charts.insert(1, _critical(history, steps, shown))
    if any(moment.risk is not None for moment in history.moments):
        charts.append(_chart("Risk on rows that were not seen", "risk", history.column("risk"), steps, shown))
    return Figure("watch", tuple(charts), tuple(_rows(history)), {"step": steps} | _data(history))


def _curvature(history: History, steps: NDArray, shown: slice) -> Chart:
    edges = np.array([_allowed(moment) for moment in history.moments])
    measured = Curve("largest eigenvalue", steps[shown], _part(history.column("largest"), shown), Role.MEASURED, 1)
    curves = [measured]
    if np.any(np.isfinite(edges)):
        curves.insert(0, Curve("edge of stability", steps, edges, Role.PREDICTED))
    preconditioned = any(moment.edge and moment.edge.rule.preconditioned for moment in history.moments)
    what = "preconditioned Hessian" if preconditioned else "Hessian"
    return Chart(
        f"Largest eigenvalue of the {what}", _STEP, "largest eigenvalue", tuple(curves), log_y=_wide(measured.y)
    )


def _critical(history: History, steps: NDArray, shown: slice) -> Chart:
    critical = Curve("critical step", steps[shown], _part(history.column("critical"), shown), Role.MEASURED, 1)
    taken = np.array([np.nan if moment.taken is None else moment.taken for moment in history.moments])
    lines = [Curve("step taken", steps, taken, Role.PREDICTED)] if np.any(np.isfinite(taken)) else []
    return Chart("Smallest step that raises the loss", _STEP, "step", (*lines, critical), log_y=_wide(critical.y))


def _chart(title: str, label: str, column: Estimate, steps: NDArray, shown: slice) -> Chart:
    curves = [Curve(label, steps[shown], _part(column, shown), Role.MEASURED, 1)]
    if label == "risk":
        curves.append(level("", steps, 0.0))
    return Chart(title, _STEP, label, tuple(curves), log_y=label == "loss" and _wide(column))


def _wide(column: Any) -> bool:
    """Whether values are positive and more than a factor of 10 apart."""
    values = np.asarray(Estimate.of(column).value)
    values = values[np.isfinite(values)]
    return bool(len(values) and np.min(values) > 0 and np.max(values) > 10 * np.min(values))


def _rows(history: History) -> list[Comparison]:
    ratio = history.column("ratio")
    values = np.asarray(ratio.value)[np.isfinite(ratio.value)]
    if not len(values):
        return []
    late = values[len(values) // 2 :]
    near = np.mean(np.abs(late - 1) <= _NEAR)
    return [
        Comparison("largest eigenvalue / edge, mean of the second half", "1 at the edge", f"{late.mean():.4g}"),
        Comparison(f"looks of the second half within {_NEAR:.0%} of the edge", "all at the edge", f"{near:.0%}"),
    ]


def _allowed(moment: Moment) -> float:
    return np.nan if moment.edge is None else moment.edge.rule.factor / moment.edge.step - moment.edge.rule.decay


def _part(column: Estimate, shown: slice) -> Estimate:
    value, lower, upper = (np.asarray(part)[shown] for part in (column.value, column.lower, column.upper))
    return Estimate.heuristic(value, lower, upper)


def _data(history: History) -> dict[str, NDArray]:
    names = ("loss", "largest", "ratio", "critical", "risk")
    ends = ("value", "lower", "upper")
    return {f"{name}_{end}": np.asarray(getattr(history.column(name), end)) for name in names for end in ends}
