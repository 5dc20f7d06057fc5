"""Points on the circle or the sphere, with the ways that led them there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError
from fathometer.report.panels._charts import MARKERS, drawn_as_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TURN = np.linspace(0, 2 * np.pi, 121)


@dataclass(frozen=True)
class OnSphere:
    """Points of the unit circle (d = 2) or of the unit sphere (d = 3), the latter seen from far away.

    Points on the far side are hollow and their ways are dotted.

    Attributes:
        title: what is shown, such as the time.
        points: shape (n, d), unit rows.
        trails: earlier places, shape (times, n, d), drawn as dashed ways that end at the points; None for none.
        view: from where the sphere is seen, azimuth and elevation in degrees.
        caption: one or two sentences for the page.
        edges: pairs of numbers of points to join by straight lines, shape (m, 2); None for none.
    """

    title: str
    points: ArrayLike
    trails: ArrayLike | None = None
    view: tuple[float, float] = (-60.0, 22.0)
    caption: str = ""
    edges: ArrayLike | None = None

    def __post_init__(self) -> None:
        shape = np.shape(self.points)
        if len(shape) != 2 or shape[1] not in (2, 3):
            raise InputError(f"points of {self.title!r} must have shape (n, 2) or (n, 3), got {shape}")

    def svg(self) -> str:
        """Draw the points as an SVG element."""
        return drawn_as_svg(self._draw, (3.4, 3.4))

    def _draw(self, axes: "Axes") -> None:
        points = np.asarray(self.points, float)
        axes.plot(np.cos(_TURN), np.sin(_TURN), color="#bbbbbb", linewidth=0.8, zorder=0)
        if points.shape[1] == 3:
            self._draw_grid(axes)
        if self.edges is not None:
            self._draw_edges(axes, points[np.asarray(self.edges, int).reshape(-1, 2)])
        trails = None if self.trails is None else np.concatenate([np.asarray(self.trails, float), points[None]])
        for number in range(len(points)):
            if trails is not None:
                self._draw_way(axes, trails[:, number])
            seen, front = self._seen(points[number])
            marker = MARKERS[number % len(MARKERS)] if len(points) <= len(MARKERS) else "o"
            fill, size = "black" if front else "white", 5.5 if len(points) <= len(MARKERS) else 3.0
            axes.plot(*seen, marker, color="black", markerfacecolor=fill, markersize=size, zorder=3 if front else 2)
        axes.set(title=self.title, xlim=(-1.12, 1.12), ylim=(-1.12, 1.12), aspect="equal")
        axes.set_axis_off()

    def _seen(self, places: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Coordinates in the plane of the picture, and whether a place is on the near side."""
        if places.shape[-1] == 2:
            return places, np.ones(places.shape[:-1], bool)
        azimuth, elevation = np.deg2rad(self.view)
        right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
        near = np.append(np.cos(elevation) * np.array([np.cos(azimuth), np.sin(azimuth)]), np.sin(elevation))
        return np.stack([places @ right, places @ np.cross(near, right)], axis=-1), places @ near >= 0

    def _draw_way(self, axes: "Axes", way: NDArray[np.float64]) -> None:
        seen, front = self._seen(way)
        for side, style in ((front, "--"), (~front, ":")):
            path = np.where(side[:, None], seen, np.nan)
            axes.plot(*path.T, color="#0b5fa5", linestyle=style, linewidth=1.6, zorder=1)

    def _draw_edges(self, axes: "Axes", ends: NDArray[np.float64]) -> None:
        """Chords between points: solid where both ends are on the near side, else pale."""
        seen, front = self._seen(ends)
        for chord, near in zip(seen, np.logical_and(front[:, 0], front[:, 1]), strict=True):
            axes.plot(*chord.T, color="#0b5fa5" if near else "#9fbfdf", linewidth=1.4 if near else 0.9, zorder=1)

    def _draw_grid(self, axes: "Axes") -> None:
        """Circles of latitude and longitude, on the near side."""
        ring, up = np.stack([np.cos(_TURN), np.sin(_TURN), 0 * _TURN], axis=1), np.array([0.0, 0.0, 1.0])
        lines = [np.cos(latitude) * ring + np.sin(latitude) * up for latitude in np.deg2rad([-60, -30, 0, 30, 60])]
        for longitude in np.deg2rad(np.arange(0, 180, 30)):
            side = np.array([np.cos(longitude), np.sin(longitude), 0.0])
            lines.append(np.cos(_TURN)[:, None] * side + np.sin(_TURN)[:, None] * up)
        for line in lines:
            seen, front = self._seen(line)
            axes.plot(*np.where(front[:, None], seen, np.nan).T, color="#cccccc", linewidth=0.6, zorder=0)
