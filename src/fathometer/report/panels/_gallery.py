"""Several small panels in the place of one, and a film of them."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fathometer.report.panels._charts import STYLE, Panel, drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Gallery:
    """Small panels in rows.

    Attributes:
        title: what they show together.
        panels: at least one.
        columns: how many in a row.
        caption: one or two sentences for the page.
    """

    title: str
    panels: tuple[Panel, ...]
    columns: int = 3
    caption: str = ""

    def svg(self) -> str:
        """Draw the gallery as an SVG element."""
        return drawn_as_svg(self._draw, (6.8, 3.9))

    def _draw(self, axes: "Axes") -> None:
        place = axes.get_subplotspec()
        part = axes.get_figure().add_subfigure(place)  # type: ignore[union-attr]
        axes.remove()
        part.suptitle(self.title, fontsize="large")
        rows = -(-len(self.panels) // self.columns)
        small = part.subplots(rows, self.columns, squeeze=False).ravel()
        for panel, where in zip(self.panels, small, strict=False):
            panel._draw(where)
        for where in small[len(self.panels) :]:
            where.set_axis_off()


def film(panels: Sequence[Panel], frames_per_second: int = 12) -> bytes:
    """Show panels one after the other, as an animated GIF that repeats.

    Args:
        panels: at least one, drawn 3.4 inches wide.
        frames_per_second: between 1 and 50.
    """
    from PIL import Image

    images, data = [Image.fromarray(frame).quantize(64) for frame in photographed(panels)], io.BytesIO()
    images[0].save(
        data, "GIF", save_all=True, append_images=images[1:], duration=round(1000 / frames_per_second), loop=0
    )
    return data.getvalue()


def photographed(panels: Sequence[Panel]) -> Iterator[NDArray[np.uint8]]:
    """Draw panels one by one.

    Args:
        panels: drawn 3.4 inches wide.

    Yields:
        For each an image of red, green and blue, shape (height, width, 3), both sides even.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        for panel in panels:
            figure = Figure(figsize=(3.4, 3.6), dpi=110)
            canvas = FigureCanvasAgg(figure)
            panel._draw(figure.subplots())
            canvas.draw()
            yield np.asarray(canvas.buffer_rgba())[..., :3]
