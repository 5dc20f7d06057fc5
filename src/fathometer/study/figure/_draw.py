"""The figure of a study: markers for what was computed, lines for what theory says, grey levels over a plane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np

from fathometer.evidence import Estimate, InputError
from fathometer.report import Chart, Comparison, Curve, Figure, HeatMap, Panel, Role
from fathometer.study.figure._rows import Rows
from fathometer.study.store._study import Study

MOST_CHARTS = 6
_FEW = 8  # values that are marked on an axis
_WIDE = 48  # letters of the label of an axis in one line
_LONG = 110  # letters of a title in one line


def study_figure(study: Study, about: Mapping[str, str] | None = None) -> Figure:
    """Draw what the table [figure] of the specification says; without one, the first column along the longest axis.

    Args:
        study: what is there of it.
        about: what each parameter is; those that are left out are called by their names.

    Raises:
        InputError: if no cell has finished, or there is nothing to draw along.
    """
    asked = _asked(study)
    labels = {**(about or {}), **study.meanings, "seed": "seed", "seconds": "seconds of work"}
    rows = Rows.of(study, [*_named_in(asked), *_varying(study)])
    if not len(rows):
        raise InputError(f"{str(study.folder)!r} has no cell that finished: there is nothing to draw")
    drawing = _Drawing(study, rows, labels, asked)
    charts = drawing.planes() if "colour" in asked else drawing.charts()
    data = {name: column for name, column in drawing.rows.columns.items() if column.dtype != object}
    compared = tuple(
        Comparison(name, "HOLDS", ", ".join(f"{count} {status}" for status, count in counts.items()))
        for name, counts in study.verdict_counts().items()
    )
    return Figure(f"study-{study.computation}", charts, compared, data, title=study.title)


def _asked(study: Study) -> dict[str, Any]:
    """The table [figure], completed.

    Raises:
        InputError: if nothing varies, or no column is a number.
    """
    asked = dict(study.layout.document["specification"].get("figure", {}))
    varying = _varying(study)
    if not varying:
        raise InputError(f"{str(study.folder)!r} has one value of every parameter: there is nothing to draw along")
    if "x" not in asked:
        asked["x"] = max(varying, key=lambda name: varying[name])
    if "y" not in asked:
        columns = study.layout.columns
        first = (
            asked["columns"][:1]
            if "columns" in asked
            else [n for n, c in columns.items() if c.kind in (float, int)][:1]
        )
        if not first:
            raise InputError(f"{study.computation} has no column of numbers to draw")
        asked["y"] = first[0]
    return asked


def _varying(study: Study) -> dict[str, int]:
    """Parameters that have more than one value, and the seed, with how many they have."""
    space = study.layout.space
    counts = {name: len(values) for name, values in space.axes.items()}
    counts |= {name: len({str(point[name]) for point in space.samples}) for name in (space.samples or ({},))[0]}
    return {name: count for name, count in {**counts, "seed": len(space.seeds)}.items() if count > 1}


def _named_in(asked: Mapping[str, Any]) -> list[str]:
    """Parameters and columns that the table [figure] names."""
    keys = [asked[key] for key in ("x", "y", "colour", "lines") if key in asked]
    return [*keys, *asked.get("columns", ())]


@dataclass(frozen=True)
class _Drawing:
    """A study that is drawn.

    Attributes:
        study: which.
        rows: of the cells that finished.
        labels: what columns and parameters are.
        asked: the table [figure].
    """

    study: Study
    rows: Rows
    labels: Mapping[str, str]
    asked: Mapping[str, Any]

    def _apart(self) -> tuple[list[str], list[str]]:
        """Parameters with a chart for each value, and those that are averaged over."""
        named, varying = _named_in(self.asked), _varying(self.study)
        rest = [name for name in varying if name not in named and name != "seed"]
        apart: list[str] = []
        for name in rest:
            count = int(np.prod([len(self.rows.values(one)) for one in (*apart, name)]))
            apart += [name] if count <= MOST_CHARTS else []
        over = [name for name in rest if name not in apart]
        return apart, over + (["seed"] if "seed" in varying and "seed" not in named else [])

    def charts(self) -> tuple[Panel, ...]:
        """One chart for each combination of what is kept apart."""
        apart, over = self._apart()
        told = f"mean over {_listed(over)}, bars from least to largest" if over else ""
        return tuple(
            Chart(
                self._title(values),
                self._label(self.asked["x"]),
                "\n".join(filter(None, (self._label(self.asked["y"]), told))),
                self._curves(rows),
                log_x=self._is_log("x"),
                log_y=self._is_log("y"),
                x_ticks=self._ticks(),
            )
            for values, rows in self.rows.parts(apart)
        )

    def planes(self) -> tuple[Panel, ...]:
        """One heat map for each combination of what is kept apart."""
        apart, over = self._apart()
        caption = f"Grey levels: means over {_listed(over)}." if over else ""
        return tuple(self._plane(values, rows, caption) for values, rows in self.rows.parts(apart))

    def _plane(self, values: Mapping[str, Any], rows: Rows, caption: str) -> Panel:
        x, y, colour = (self.asked[key] for key in ("x", "y", "colour"))
        xs, ys = rows.values(x), rows.values(y)
        for name, along in ((x, xs), (y, ys)):
            if len(along) < 2 or isinstance(along[0], str):
                raise InputError(f"[figure] {name} must have two numbers or more, to draw grey levels along it")
        z = [[_mean(rows.where(**{x: a, y: b}).columns[colour]) for a in xs] for b in ys]
        labels = self._label(x), self._label(y), self._label(colour)
        return HeatMap(
            self._title(values),
            *labels,
            xs,
            ys,
            z,
            caption=caption,
            log_x=self._is_log("x"),
            log_y=self._is_log("y"),
            log_z=self._is_log("colour"),
        )

    def _curves(self, rows: Rows) -> tuple[Curve, ...]:
        lines = self.asked.get("lines")
        parts = list(rows.parts([lines] if lines else []))
        others = [name for name in self.asked.get("columns", ()) if name != self.asked["y"]]
        predicted = [curve for name in others for curve in self._predicted(rows, parts, name)]
        measured = [
            self._curve(part, self.asked["y"], _named(values) or _words(self.asked["y"]), Role.MEASURED, group)
            for group, (values, part) in enumerate(parts)
        ]
        return (*predicted, *(curve for curve in measured if np.size(curve.x)))

    def _predicted(self, rows: Rows, parts: Sequence[tuple[Mapping[str, Any], Rows]], name: str) -> list[Curve]:
        """A line for each part, or one for all of them where it is the same."""
        each = [self._curve(part, name, f"{_words(name)}, {_named(values)}", Role.PREDICTED, group)
                for group, (values, part) in enumerate(parts)]  # fmt: skip
        if len(each) < 2 or _same(each):
            whole = self._curve(rows, name, _words(name), Role.PREDICTED, len(parts) + 1)
            return [whole] if np.size(whole.x) else []
        return [curve for curve in each if np.size(curve.x)]

    def _curve(self, rows: Rows, name: str, label: str, role: Role, group: int) -> Curve:
        """Means over rows of one x; from the least to the largest of them where it is measured.

        Raises:
            InputError: if one of the two is no number.
        """
        x, y = rows.columns[self.asked["x"]], rows.columns[name]
        if x.dtype == object or y.dtype == object:
            raise InputError(f"[figure] {self.asked['x']} and {name} must be numbers to be drawn")
        there = np.isfinite(x) & np.isfinite(y)
        at = np.unique(x[there])
        values = [y[there & (x == one)] for one in at]
        mean, low, high = (np.array([float(of(v)) for v in values]) for of in (np.mean, np.min, np.max))
        return Curve(label, at, Estimate.heuristic(mean, low, high) if role is Role.MEASURED else mean, role, group)

    def _ticks(self) -> tuple[float, ...]:
        """Where the first axis is marked: at the values themselves, if they are few."""
        values = self.rows.values(self.asked["x"])
        few = len(values) <= _FEW and all(isinstance(value, float) for value in values)
        return tuple(values) if few else ()

    def _title(self, values: Mapping[str, Any]) -> str:
        return _named(values) or fill(self.study.title, _LONG)

    def _label(self, name: str) -> str:
        return fill(self.labels.get(name, name).partition(";")[0], _WIDE)

    def _is_log(self, axis: str) -> bool:
        return axis in self.asked.get("log", ())


def _named(values: Mapping[str, Any]) -> str:
    shown = {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in values.items()}
    return ", ".join(f"{name} = {value}" for name, value in shown.items())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def _mean(values: np.ndarray) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else np.nan


def _same(curves: Sequence[Curve]) -> bool:
    """Whether all curves say the same where they have a point in common."""
    known: dict[float, float] = {}
    for curve in curves:
        for x, y in zip(np.asarray(curve.x), np.asarray(curve.y), strict=True):
            if not np.isclose(known.setdefault(float(x), float(y)), y, rtol=1e-9):
                return False
    return True
