"""Heat maps: a quantity over a grid, with predicted curves on it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import InputError
from fathometer.report.panels._charts import Curve, draw_curve, drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class HeatMap:
    """A measured quantity over a grid as grey levels, with curves over it.

    Attributes:
        title: what the chart shows.
        x_label: quantity and unit.
        y_label: quantity and unit.
        z_label: quantity and unit of the grey levels.
        x: shape (columns,), at least two, increasing.
        y: shape (rows,), at least two, increasing.
        z: shape (rows, columns).
        curves: predictions over the same axes.
        caption: one or two sentences for the page.
        log_z: logarithmic grey levels; zero is white.
        log_x: logarithmic first axis.
        log_y: logarithmic second axis.
    """

    title: str
    x_label: str
    y_label: str
    z_label: str
    x: ArrayLike
    y: ArrayLike
    z: ArrayLike
    curves: tuple[Curve, ...] = ()
    caption: str = ""
    log_z: bool = False
    log_x: bool = False
    log_y: bool = False

    def __post_init__(self) -> None:
        shape = (np.size(self.y), np.size(self.x))
        if np.shape(self.z) != shape or min(shape) < 2:
            raise InputError(f"heat map {self.title!r} must have z of shape {shape}, at least (2, 2)")

    def svg(self) -> str:
        """Draw the heat map as an SVG element."""
        return drawn_as_svg(self._draw, (6.8, 3.9))

    def _draw(self, axes: "Axes") -> None:
        x, y = np.asarray(self.x, float), np.asarray(self.y, float)
        norm = "log" if self.log_z else None
        # rasterized: a vector rectangle for every cell makes files of megabytes
        mesh = axes.pcolormesh(x, y, np.asarray(self.z, float), cmap="Greys", norm=norm, rasterized=True)
        axes.get_figure().colorbar(mesh, ax=axes, label=self.z_label)  # type: ignore[union-attr]
        for number, curve in enumerate(self.curves):
            draw_curve(axes, curve, number)
        axes.set(title=self.title, xlabel=self.x_label, ylabel=self.y_label)
        axes.set(xscale="log" if self.log_x else "linear", yscale="log" if self.log_y else "linear")
        axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axes.grid(visible=False)
        if self.curves:
            axes.legend()
