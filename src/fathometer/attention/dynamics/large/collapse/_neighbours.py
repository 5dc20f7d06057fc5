"""Who feels whom: lists that are kept while clusters move, one of them renewed at a time."""

import math

import numpy as np
from jaxtyping import Float
from scipy.spatial import KDTree

_SKIN = 0.15
"""Share of the reach by which lists are longer."""

_LEFT_OUT = 1e-9
"""Way that a cluster may be moved by one that is not in its list, until the lists are renewed, as a length."""

_ROOM = 8
"""Free places in the rows of the table."""

_WIDTHS = tuple(step << power for power in range(4, 30) for step in (2, 3))
"""Lengths of rows: few, since the rounds are compiled for each."""


class Neighbours:
    """For every cluster, the others that can move it by more than 1e-9 before log time has grown by 1.

    Attributes:
        table: numbers, shape (k + 1, w); k, which is nobody, in the free places.
        listed: where clusters were when their lists were made, shape (k + 1, d).
        travel: way from there after which a list must be renewed.
        until: time up to which the lists are good.
    """

    def __init__(
        self, points: Float[np.ndarray, "kk d"], masses: Float[np.ndarray, " kk"], beta: float, time: float, width: int
    ) -> None:
        """Make the lists.

        Args:
            points: shape (k + 1, d), unit rows.
            masses: shape (k + 1,); 0 of those that are not there.
            beta: inverse temperature, above 0.
            time: not negative.
            width: of the table, at the least.
        """
        self._beta, self._width = beta, width
        self.renew(points, masses, time)

    def renew(self, points: Float[np.ndarray, "kk d"], masses: Float[np.ndarray, " kk"], time: float) -> None:
        """Make all lists again.

        Args:
            points: shape (k + 1, d), unit rows.
            masses: shape (k + 1,); 0 of those that are not there.
            time: now, above 0.
        """
        nobody = len(points) - 1
        present = np.flatnonzero(masses > 0)
        least, most = float(np.min(masses[present])), float(np.max(masses))
        self.until = math.e * max(time, 1.0)
        depth = math.log(self.until) - math.log(_LEFT_OUT) + math.log(most / least)
        reach = min(2.0, math.sqrt(2 * depth / self._beta))
        self._reach, self.travel = (1 + _SKIN) * reach, _SKIN / 2 * reach
        pairs = present[KDTree(points[present]).query_pairs(self._reach, output_type="ndarray")]
        both = np.concatenate([pairs, pairs[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        self._counts = np.bincount(both[:, 0], minlength=nobody + 1)
        needed = int(np.max(self._counts)) + _ROOM
        self._width = next(width for width in _WIDTHS if width >= max(needed, self._width))
        self.table = np.full((nobody + 1, self._width), nobody, np.int32)
        rank = np.arange(len(both)) - np.repeat(np.cumsum(self._counts) - self._counts, self._counts)
        self.table[both[:, 0], rank] = both[:, 1]
        self.listed = points.copy()

    def kept(self) -> dict[str, np.ndarray]:
        """Return the lists."""
        numbers = np.array([self.until, self._reach, self.travel])
        return {"table": self.table, "counts": self._counts, "listed": self.listed, "lists": numbers}

    def take(self, kept: dict[str, np.ndarray]) -> None:
        """Go on with lists that `kept` returned."""
        self.table, self._counts, self.listed = kept["table"], kept["counts"], kept["listed"]
        self.until, self._reach, self.travel = kept["lists"].tolist()
        self._width = self.table.shape[1]

    def strayed(self, number: int, points: Float[np.ndarray, "kk d"]) -> bool:
        """Whether a cluster has moved so far that its list must be renewed."""
        moved = points[number] - self.listed[number]
        return float(moved @ moved) > self.travel**2

    def renew_one(
        self, number: int, points: Float[np.ndarray, "kk d"], masses: Float[np.ndarray, " kk"], time: float
    ) -> None:
        """Make the list of one cluster again, and put it into those of its neighbours; all lists if one is full.

        Args:
            number: of a cluster that is there.
            points: shape (k + 1, d), unit rows.
            masses: shape (k + 1,).
            time: now.
        """
        apart = points - points[number]
        inside = (np.einsum("kd,kd->k", apart, apart) <= self._reach**2) & (masses > 0)
        inside[number] = False
        mine, width = np.flatnonzero(inside), self.table.shape[1]
        lacking = mine[~np.any(self.table[mine] == number, axis=1)]
        if len(mine) > width or np.any(self._counts[lacking] >= width):
            self.renew(points, masses, time)
            return
        self.table[number] = len(points) - 1
        self.table[number, : len(mine)], self._counts[number] = mine, len(mine)
        self.table[lacking, self._counts[lacking]] = number
        self._counts[lacking] += 1
        self.listed[number] = points[number]
