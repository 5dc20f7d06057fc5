"""Charts of certificates: the risk by row of a ledger, and the risk against the number of training rows."""

import decimal
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Estimate, InputError, Status, text_down, text_near, text_up
from fathometer.report.panels._charts import Chart, Curve, Role, drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BASELINE = "always naming the largest class"
"""What every classifier should be better than."""

MOST_DRAWN = 14
"""Rows in a picture; a page has all of them in its table."""

_LONGEST, _BEYOND, _ROOM = 46, 1.08, 1.34  # characters of a label; vacuous bars and axis over the largest number
_PLAIN, _BEST, _OPEN = "#e4e4e4", "#303030", "white"  # bars


def percent_up(share: float | None, digits: int = 3) -> str:
    """Write an upper bound on a share in percent, rounded up: 0.06061 is "6.07 %"."""
    return "unknown" if share is None else _percent(text_up(share, digits))


def percent_near(share: float | None, digits: int = 3) -> str:
    """Write a share that is no bound in percent, to nearest."""
    return "unknown" if share is None else _percent(text_near(share, digits))


def percent_ends(estimate: Estimate, digits: int = 3) -> str:
    """Write the interval of a share in percent, rounded outward; nothing where it has no width."""
    if estimate.lower == estimate.upper:
        return ""
    return f"{_percent(text_down(estimate.lower, digits))} to {_percent(text_up(estimate.upper, digits))}"


def _percent(text: str) -> str:
    share = decimal.Decimal(text)
    if not share.is_finite():
        return {"Infinity": "no upper end", "-Infinity": "no lower end"}.get(str(share), "unknown")
    return f"{share.scaleb(2) + 0:f} %"


@dataclass(frozen=True)
class RiskRow:
    """One row of a ledger, as it is shown.

    Attributes:
        bound: id in the catalogue.
        certifies: which predictor and which risk.
        value: certified upper bound on a risk in [0, 1]; None if it diverges.
        measured: the same risk on the test part, with its interval; None if it was not measured.
        delta_spent: probability with which it may fail.
        status: of the certificate beside what was measured.
        wins: whether it is the one that the page is about.
    """

    bound: str
    certifies: str
    value: float | None
    measured: Estimate | None
    delta_spent: float
    status: Status
    wins: bool = False


@dataclass(frozen=True)
class RiskRows:
    """Horizontal bars: the certified risk of each row, below it what was measured, and the majority class as a line.

    Attributes:
        title: what the chart shows.
        rows: from the top, at least one; `MOST_DRAWN` of them are drawn, the best and those that are VIOLATED first.
        majority: risk of always naming the most frequent class; None if it is unknown.
        baseline: what the majority is the risk of, in words.
        x_label: quantity and unit.
        caption: one or two sentences for the page.
    """

    title: str
    rows: tuple[RiskRow, ...]
    majority: float | None = None
    baseline: str = BASELINE
    x_label: str = "risk on new rows [%]"
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.rows:
            raise InputError(f"chart {self.title!r} must have at least one row")

    @property
    def drawn(self) -> tuple[RiskRow, ...]:
        """The rows in the picture, in their order."""
        first = sorted(self.rows, key=_rank)[:MOST_DRAWN]
        return tuple(row for row in self.rows if any(row is kept for kept in first))

    @property
    def reach(self) -> float:
        """Share at which a vacuous bar ends: beyond the numbers that say something, at most 1."""
        numbers = [row.value for row in self.drawn if row.status is not Status.VACUOUS]
        numbers += [self.majority, *(row.measured.upper for row in self.drawn if row.measured is not None)]
        finite = [float(number) for number in numbers if number is not None and math.isfinite(number)]
        return min(1.0, _BEYOND * max(finite, default=0.0)) or 1.0

    def svg(self) -> str:
        """Draw the bars as an SVG element."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the table beside it has the name
            return drawn_as_svg(self._draw, (7.4, 1.5 + 0.42 * len(self.drawn)))

    def _draw(self, axes: "Axes") -> None:
        heights, end = np.arange(len(self.drawn), dtype=float)[::-1], 100 * self.reach
        for row, height in zip(self.drawn, heights, strict=True):
            _draw_bar(axes, row, float(height), end)
        _draw_measured(axes, self.drawn, heights)
        if self.majority is not None:
            _draw_line(axes, self.majority, self.baseline, len(heights), self.majority > self.reach / 2)
        axes.set(
            xlabel=self.x_label, xlim=(0, _ROOM * end), ylim=(-0.6, len(heights) + (self.majority is not None) * 0.4)
        )
        axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick <= 100])
        axes.set_title(self.title, loc="left", parse_math=False)
        axes.set_yticks(heights)
        axes.set_yticklabels([_label(row) for row in self.drawn], parse_math=False)
        axes.grid(visible=False, axis="y")
        _draw_legend(axes)


def _rank(row: RiskRow) -> tuple[bool, ...]:
    """What is drawn first comes first."""
    return not row.wins, row.status is not Status.VIOLATED, row.status is Status.VACUOUS


def _draw_legend(axes: "Axes") -> None:
    from matplotlib.patches import Patch

    bar = Patch(edgecolor="black", linewidth=0.8, facecolor=_PLAIN, label="certified: at most")
    points = axes.get_legend_handles_labels()[0]
    axes.get_figure().legend(handles=[bar, *points], loc="outside lower center", ncols=2)  # type: ignore[union-attr]


def _draw_bar(axes: "Axes", row: RiskRow, height: float, end: float) -> None:
    vacuous = row.value is None or row.status is Status.VACUOUS
    width = end if row.value is None or vacuous else min(100 * row.value, end)
    colour = _OPEN if vacuous else _BEST if row.wins else _PLAIN
    hatch, line = "xxx" if row.status is Status.VIOLATED else None, "--" if vacuous else "-"
    look: dict[str, Any] = {"color": colour, "edgecolor": "black", "linewidth": 0.8, "hatch": hatch, "linestyle": line}
    axes.barh(height + 0.16, width, height=0.34, **look)
    axes.annotate(
        _beside(row, vacuous),
        (width, height + 0.16),
        (3, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.0,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        fontweight="bold" if row.wins or row.status is Status.VIOLATED else "normal",
    )


def _beside(row: RiskRow, vacuous: bool) -> str:
    if vacuous:
        return "vacuous: says nothing"
    mark = " VIOLATED" if row.status is Status.VIOLATED else " this certificate" if row.wins else ""
    return percent_up(row.value) + mark


def _draw_measured(axes: "Axes", rows: Sequence[RiskRow], heights: NDArray[np.float64]) -> None:
    label = "measured on the test part, with its interval"
    for row, height in zip(rows, heights, strict=True):
        if row.measured is None or not math.isfinite(float(row.measured.value)):
            continue
        value, lower, upper = (100 * float(end) for end in (row.measured.value, row.measured.lower, row.measured.upper))
        bars = [[value - lower], [upper - value]] if math.isfinite(upper - lower) else None
        axes.errorbar(
            value, height - 0.2, xerr=bars, fmt="D", color="black", markerfacecolor="white", markersize=4.0, capsize=2,
            linewidth=0.9, label=label,
        )  # fmt: skip
        label = "_"


def _draw_line(axes: "Axes", risk: float, name: str, rows: int, left: bool) -> None:
    axes.axvline(100 * risk, color="black", linestyle="-.", linewidth=1.1)
    side = {"ha": "right", "xytext": (-3, 0)} if left else {"ha": "left", "xytext": (3, 0)}
    text = f"{_short(name)}:\n{percent_near(risk)}"
    place = {"xy": (100 * risk, rows - 0.35), "textcoords": "offset points", "va": "bottom"}
    axes.annotate(text, parse_math=False, fontsize=8.0, **place, **side)


def _label(row: RiskRow) -> str:
    return f"{_short(row.bound)}\n{_short(row.certifies)}"


def _short(text: str) -> str:
    """One line that fits beside an axis."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


@dataclass(frozen=True)
class LearningCurve:
    """Risks against the number of training rows.

    Attributes:
        sizes: shape (k,), rows of the training part, increasing.
        risk: shape (k,), measured on rows that trained nothing, with intervals.
        bound: shape (k,), certified upper bound on the same risk.
        gap: shape (k,), risk minus training risk; None if it is not known.
        training: shape (k,), risk on the training part; None if it is not known.
        majority: risk of always naming the most frequent class; None if it is not known.
        baseline: what the majority is the risk of, in words.
        note: what the numbers claim together, for the page; empty for nothing.

    Raises:
        InputError: if sizes are no increasing positive numbers, or another shape differs from theirs.
    """

    sizes: ArrayLike
    risk: Estimate | ArrayLike
    bound: Estimate | ArrayLike
    gap: Estimate | ArrayLike | None = None
    training: Estimate | ArrayLike | None = None
    majority: float | None = None
    baseline: str = BASELINE
    note: str = ""

    def __post_init__(self) -> None:
        sizes = np.asarray(self.sizes, np.float64)
        if sizes.ndim != 1 or not sizes.size or np.any(np.diff(sizes, prepend=0.0) <= 0):
            raise InputError(f"sizes must be increasing positive numbers of rows, got {sizes}")
        for name in ("risk", "bound", "gap", "training"):
            if getattr(self, name) is not None and (shape := Estimate.of(getattr(self, name)).shape) != sizes.shape:
                raise InputError(f"{name} must have the shape of sizes {sizes.shape}, got {shape}")

    def charts(self) -> tuple[Chart, ...]:
        """Risk and certificate over one pair of axes, and the gap over another if it is known."""
        return (self._risks(), *(() if self.gap is None else (self._gaps(),)))

    def _risks(self) -> Chart:
        curves = [*self._curves("certificate: at most", self.bound, 0, Role.PREDICTED)]
        curves += self._curves("risk on rows that trained nothing", self.risk, 1)
        if self.training is not None:
            curves += self._curves("risk on the training rows", self.training, 2)
        if self.majority is not None:
            ends = np.asarray(self.sizes, np.float64)[[0, -1]]
            curves.append(Curve(self.baseline, ends, np.full(2, 100 * self.majority), Role.LIMIT))
        return self._chart("Risk against training rows", "risk [%]", curves)

    def _gaps(self) -> Chart:
        assert self.gap is not None
        ends = np.asarray(self.sizes, np.float64)[[0, -1]]
        zero = Curve("no overfitting", ends, np.zeros(2), Role.LIMIT)
        return self._chart(
            "Gap against training rows", "risk - training risk [%]", [*self._curves("gap", self.gap, 1), zero]
        )

    def _curves(self, label: str, values: Estimate | ArrayLike, group: int, role: Role = Role.MEASURED) -> list[Curve]:
        shown = _in_percent(Estimate.of(values))
        curve = Curve(label, self.sizes, shown, role, group)
        wide = role is not Role.MEASURED and bool(np.any(np.asarray(shown.lower) < np.asarray(shown.upper)))
        return [curve, *([Curve("", self.sizes, shown, Role.MEASURED, group)] if wide else [])]

    def _chart(self, title: str, label: str, curves: list[Curve]) -> Chart:
        sizes = np.asarray(self.sizes, np.float64)
        ticks = tuple(map(float, sizes)) if sizes.size <= 7 else ()
        wide = bool(sizes[-1] > 5 * sizes[0])
        sure = Estimate.of(self.risk).confidence
        caption = "Bars: intervals as they are given with the numbers."
        caption = caption if sure is None else f"Bars: intervals, each at {percent_near(sure)}."
        return Chart(title, "training rows", label, tuple(curves), caption, log_x=wide, x_ticks=ticks)


def _in_percent(estimate: Estimate) -> Estimate:
    value, lower, upper = (100 * np.asarray(number) for number in (estimate.value, estimate.lower, estimate.upper))
    return Estimate(value, lower, upper, estimate.kind, estimate.confidence)
