"""Charts of predictions beside measurements, readable in black and white."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import Estimate, InputError, text_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "font.size": 9.0,
    "grid.alpha": 0.25,
    "legend.fontsize": 8.0,
    "legend.framealpha": 0.9,
    "svg.hashsalt": "fathometer",
}
INK = ("#000000", "#0b5fa5", "#b5471b", "#4a7a1e", "#6b3fa0", "#8a6d00")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
CROWDED = 6  # with more curves, the legend stands beside the axes
BESIDE: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
FORMS: dict[str, dict[str, None]] = {"svg": {"Date": None}, "png": {}, "pdf": {"CreationDate": None}}
MARKERS = ("o", "s", "^", "D", "v", "P")


class Panel(Protocol):
    """What `render` puts side by side and a page shows: a chart, a heat map, tokens on a sphere."""

    @property
    def caption(self) -> str:
        """One or two sentences for the page."""
        ...

    def svg(self) -> str:
        """Draw it as an SVG element."""
        ...

    def _draw(self, axes: "Axes") -> None: ...


class Role(StrEnum):
    """What a curve is: a prediction is a line, a measurement a row of markers with error bars, a limit a thin line."""

    PREDICTED = "predicted"
    MEASURED = "measured"
    LIMIT = "limit"


@dataclass(frozen=True)
class Curve:
    """One curve of a chart.

    Attributes:
        label: for the legend; not there if empty.
        x: shape (points,).
        y: estimates or numbers, shape (points,); error bars are drawn where the interval has a width.
        role: how to draw it.
        group: curves of one group share a colour.
    """

    label: str
    x: ArrayLike
    y: Estimate | ArrayLike
    role: Role
    group: int = 0


@dataclass(frozen=True)
class Chart:
    """Curves over one pair of labelled axes.

    Attributes:
        title: what the chart shows.
        x_label: quantity and unit.
        y_label: quantity and unit.
        curves: at least one.
        caption: one or two sentences for the page.
        log_x: logarithmic first axis.
        log_y: logarithmic second axis.
        x_ticks: where to mark the first axis; chosen automatically if empty.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    caption: str = ""
    log_x: bool = False
    log_y: bool = False
    x_ticks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.curves or not (self.x_label and self.y_label):
            raise InputError(f"chart {self.title!r} must have curves and both axis labels")

    def svg(self) -> str:
        """Draw the chart as an SVG element."""
        return drawn_as_svg(self._draw, (6.2, 3.9))

    def _draw(self, axes: "Axes") -> None:
        axes.set(title=self.title, xlabel=self.x_label, ylabel=self.y_label)
        if self.log_x:
            axes.set_xscale("log")
        if self.log_y:
            axes.set_yscale("log")
        if self.x_ticks:
            axes.set_xticks(self.x_ticks, [f"{tick:g}" for tick in self.x_ticks])
            axes.set_xticks([], minor=True)
        for number, curve in enumerate(self.curves):
            draw_curve(axes, curve, number)
        axes.legend(**(BESIDE if sum(bool(curve.label) for curve in self.curves) > CROWDED else {}))


@dataclass(frozen=True)
class Bars:
    """Horizontal bars: a certified value each, with what was measured as a marker and a limit as a line.

    Attributes:
        title: what the chart shows.
        x_label: quantity and unit.
        labels: one for each bar, from the top.
        values: predicted values, shape (bars,).
        measured: shape (bars,), drawn as markers with error bars.
        limit: values from here on say nothing.
        caption: one or two sentences for the page.
    """

    title: str
    x_label: str
    labels: tuple[str, ...]
    values: ArrayLike
    measured: Estimate
    limit: float
    caption: str = ""

    def svg(self) -> str:
        """Draw the bars as an SVG element."""
        return drawn_as_svg(self._draw, (6.8, 1.3 + 0.34 * len(self.labels)))

    def _draw(self, axes: "Axes") -> None:
        rows = np.arange(len(self.labels))[::-1]
        shown = np.minimum(np.asarray(self.values, float), 1.15 * self.limit)
        axes.barh(rows, shown, height=0.62, color="#d5dde6", edgecolor="black", hatch="//", label="certified")
        _draw_points(axes, np.asarray(self.measured.value), rows, self.measured, "x", "measured on test data")
        axes.axvline(self.limit, color="black", linestyle=":", label="vacuous from here")
        for row, value in zip(rows, np.asarray(self.values, float), strict=True):
            axes.annotate(
                text_up(value, 3), (min(value, 1.15 * self.limit), row), (3, 0), textcoords="offset points", va="center"
            )
        axes.set(title=self.title, xlabel=self.x_label, yticks=rows, xlim=(0, 1.32 * self.limit))
        axes.set_yticklabels(self.labels)
        axes.get_figure().legend(loc="outside lower center", ncols=3)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Ranges:
    """Named values, one a line from the top, each as a marker with its interval.

    Attributes:
        title: what the chart shows.
        x_label: quantity and unit.
        labels: one for each value.
        values: shape (labels,).
        line: a value to compare them with.
        line_label: what it is.
        caption: one or two sentences for the page.
    """

    title: str
    x_label: str
    labels: tuple[str, ...]
    values: Estimate
    line: float
    line_label: str
    caption: str = ""

    def svg(self) -> str:
        """Draw the values as an SVG element."""
        return drawn_as_svg(self._draw, (6.2, max(2.4, 1.3 + 0.26 * len(self.labels))))

    def _draw(self, axes: "Axes") -> None:
        rows = np.arange(len(self.labels))[::-1]
        _draw_points(axes, np.asarray(self.values.value), rows, self.values, "x", "value, floor to ceiling")
        axes.axvline(self.line, color="black", linestyle="--", label=self.line_label)
        axes.set(title=self.title, xlabel=self.x_label, yticks=rows)
        axes.set_yticklabels(self.labels)
        axes.legend()


def render(charts: Sequence[Panel], form: str) -> bytes:
    """Draw charts side by side, at most two in a row, as a file.

    Args:
        charts: at least one.
        form: svg, png or pdf.

    Raises:
        InputError: if the form is none of these.
    """
    metadata = FORMS[checked_format(form)]
    import matplotlib
    from matplotlib.figure import Figure

    columns, rows = min(2, len(charts)), -(-len(charts) // 2)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(6.2 * columns, 3.9 * rows), dpi=150)
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for chart, axes in zip(charts, panels, strict=False):
            chart._draw(axes)
        for axes in panels[len(charts) :]:
            axes.set_axis_off()
        data = io.BytesIO()
        figure.savefig(data, format=form, metadata=metadata)
    return data.getvalue()


def checked_format(form: str) -> str:
    """Return the form of a drawing if it is known.

    Raises:
        InputError: if it is not svg, png or pdf.
    """
    if form not in FORMS:
        raise InputError(f"format must be one of {', '.join(FORMS)}, got {form!r}")
    return form


def drawn_as_svg(draw: Any, size: tuple[float, float]) -> str:
    """Let a panel draw on a figure of that size in inches, and return the SVG element."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=size)
        draw(figure.subplots())
        text = io.StringIO()
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def draw_curve(axes: "Axes", curve: Curve, number: int) -> None:
    """Draw one curve; `number` counts the curves of a panel and chooses the dashes.

    Args:
        axes: of the panel.
        curve: what to draw.
        number: of the curve among those of the panel, from 0; chooses the dashes.
    """
    x, estimate = np.asarray(curve.x, float), Estimate.of(curve.y)
    y, colour = np.asarray(estimate.value), INK[curve.group % len(INK)]
    if curve.role is Role.MEASURED:
        _draw_points(axes, x, y, estimate, "y", curve.label, colour, MARKERS[curve.group % len(MARKERS)])
    else:
        width = 1.6 if curve.role is Role.PREDICTED else 0.9
        axes.plot(x, y, color=colour, linestyle=DASHES[number % len(DASHES)], linewidth=width, label=curve.label)


def _draw_points(
    axes: "Axes", x: Any, y: Any, estimate: Estimate, along: str, label: str, colour: str = "#000000", marker: str = "D"
) -> None:
    """Markers with error bars along x or y; bars of no finite width are left out."""
    bars = np.stack([estimate.value - estimate.lower, estimate.upper - estimate.value])
    shown = np.where(np.isfinite(bars), bars, 0.0)
    axes.errorbar(
        x,
        y,
        xerr=shown if along == "x" and np.any(shown > 0) else None,
        yerr=shown if along == "y" and np.any(shown > 0) else None,
        fmt=marker,
        color=colour,
        markerfacecolor="white",
        markersize=4.5,
        capsize=2,
        label=label,
    )
