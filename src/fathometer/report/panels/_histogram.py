"""Histograms as steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import InputError
from fathometer.report.panels._charts import BESIDE, CROWDED, DASHES, INK, drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Histogram:
    """Densities over common bins, one line of steps each.

    Attributes:
        title: what the chart shows.
        x_label: quantity and unit.
        y_label: quantity and unit.
        edges: of the bins, shape (bins + 1,), increasing.
        densities: by label, shape (bins,) each.
        caption: one or two sentences for the page.
        log_y: logarithmic second axis.
        x_limits: the part of the first axis to show; all of it if None.
    """

    title: str
    x_label: str
    y_label: str
    edges: ArrayLike
    densities: Mapping[str, ArrayLike]
    caption: str = ""
    log_y: bool = False
    x_limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        bins = np.size(self.edges) - 1
        if not self.densities or any(np.shape(density) != (bins,) for density in self.densities.values()):
            raise InputError(f"histogram {self.title!r} must have at least one density, each of shape ({bins},)")

    def svg(self) -> str:
        """Draw the histogram as an SVG element."""
        return drawn_as_svg(self._draw, (6.2, 3.9))

    def _draw(self, axes: "Axes") -> None:
        for number, (label, density) in enumerate(self.densities.items()):
            style = {"color": INK[number % len(INK)], "linestyle": DASHES[number % len(DASHES)]}
            axes.stairs(np.asarray(density, float), np.asarray(self.edges, float), label=label, linewidth=1.2, **style)
        axes.set(title=self.title, xlabel=self.x_label, ylabel=self.y_label)
        if self.log_y:
            axes.set_yscale("log")
        if self.x_limits is not None:
            axes.set_xlim(self.x_limits)
        axes.legend(**(BESIDE if len(self.densities) > CROWDED else {}))
