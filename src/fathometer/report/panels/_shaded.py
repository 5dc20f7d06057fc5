"""A chart over regions that are shaded and named."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fathometer.report.panels._charts import Chart, drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES = (("#0b5fa5", "//"), ("#b5471b", "\\\\"), ("#4a7a1e", "xx"), ("#6b3fa0", ".."))


@dataclass(frozen=True)
class Region:
    """A part of the first axis.

    Attributes:
        label: for the legend.
        low: its left end; the end of what is drawn if None.
        high: its right end, likewise.
    """

    label: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Shaded:
    """A chart with parts of its first axis shaded and hatched.

    Attributes:
        chart: what is drawn over them.
        regions: in the order of their hatches.
    """

    chart: Chart
    regions: tuple[Region, ...]

    def svg(self) -> str:
        """Draw the chart as an SVG element."""
        return drawn_as_svg(self._draw, (6.2, 3.9))

    @property
    def caption(self) -> str:
        """One or two sentences for the page."""
        return self.chart.caption

    @property
    def title(self) -> str:
        """What the chart shows."""
        return self.chart.title

    def _draw(self, axes: "Axes") -> None:
        self.chart._draw(axes)
        left, right = axes.get_xlim()
        for region, (colour, hatch) in zip(self.regions, _STYLES, strict=False):
            low, high = (end if given is None else given for end, given in ((left, region.low), (right, region.high)))
            style = {"facecolor": "#ffffff00", "edgecolor": f"{colour}55", "hatch": hatch, "linewidth": 0.0}
            axes.axvspan(low, high, label=region.label, zorder=0, **style)
        axes.set_xlim(left, right)
        axes.legend()
