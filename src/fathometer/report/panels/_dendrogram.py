"""Merge trees: who joins whom, and when."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import InputError
from fathometer.report.panels._charts import drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED = 24
"""Leaves up to which every one has its name below it."""


@dataclass(frozen=True)
class Dendrogram:
    """A merge tree, later mergers above earlier ones; several trees where not all have merged.

    Attributes:
        title: what it shows.
        y_label: quantity and unit of the heights.
        joins: shape (mergers, 2): what each merger joins, leaves by 0 to leaves - 1 and earlier merger k by leaves + k.
        heights: shape (mergers,), ascending.
        leaves: a name for each leaf, such as its tokens.
        caption: one or two sentences for the page.

    Raises:
        InputError: if a merger joins what is not there, or what another has joined already.
    """

    title: str
    y_label: str
    joins: ArrayLike
    heights: ArrayLike
    leaves: tuple[str, ...]
    caption: str = ""

    def __post_init__(self) -> None:
        joins = np.asarray(self.joins, int).reshape(-1, 2)
        late = joins.max(axis=1, initial=-1) >= len(self.leaves) + np.arange(len(joins))
        if len(joins) != np.size(self.heights) or np.any(late) or len(np.unique(joins)) != joins.size:
            raise InputError(f"the mergers of {self.title!r} must each join two that are there and not yet joined")

    def svg(self) -> str:
        """Draw the tree as an SVG element."""
        return drawn_as_svg(self._draw, (6.2, 3.9))

    def _draw(self, axes: "Axes") -> None:
        heights = np.asarray(self.heights, float)
        spread = np.ptp(heights) if len(heights) else 0.0
        ground = float(heights.min() - 0.08 * (spread or 1.0)) if len(heights) else 0.0
        order = self._order()
        place = dict(zip(order, np.arange(len(order), dtype=float), strict=True))
        top = dict.fromkeys(order, ground)
        for number, (pair, height) in enumerate(zip(self._pairs(), heights, strict=True), len(self.leaves)):
            x, y = [place[part] for part in pair], [top[part] for part in pair]
            axes.plot([x[0], x[0], x[1], x[1]], [y[0], height, height, y[1]], color="black", linewidth=1.2)
            place[number], top[number] = sum(x) / 2, height
        named = len(self.leaves) <= _NAMED
        axes.set(title=self.title, ylabel=self.y_label, xlabel="clusters at the start" if named else "clusters")
        axes.set_xticks(range(len(order)) if named else [])
        if named:
            long = max(map(len, self.leaves), default=0) > 3
            axes.set_xticklabels([self.leaves[leaf] for leaf in order], rotation=90 if long else 0, fontsize="small")
        axes.set_xlim(-0.7, max(len(order), 1) - 0.3)
        axes.grid(visible=False, axis="x")

    def _pairs(self) -> list[tuple[int, int]]:
        return [(int(a), int(b)) for a, b in np.asarray(self.joins, int).reshape(-1, 2)]

    def _order(self) -> list[int]:
        """Leaves from left to right, so that no two lines cross."""
        below = {leaf: [leaf] for leaf in range(len(self.leaves))}
        for number, (first, second) in enumerate(self._pairs(), len(self.leaves)):
            below[number] = below.pop(first) + below.pop(second)
        return [leaf for group in below.values() for leaf in group]
