"""Who feels whom: lists that are kept while clusters move, one of them renewed at a time."""

import math

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import KDTree

from fathometer.attention.dynamics.large.collapse._steps import Lists, relist

_SKIN = 0.15
"""Share of the reach by which lists are longer."""

_LEFT_OUT = 1e-9
"""Way that a cluster may be moved by one that is not in its list, until the lists are renewed, as a length."""

_ROOM = 8
"""Free places in the rows of the table."""


class Neighbours:
    """For every cluster, the others that can move it by more than 1e-9 before log time has grown by 1.

    Attributes:
        lists: see `Lists`.
        reach: their length.
        travel: way from there after which a list must be renewed.
        until: time up to which the lists are good.
    """

    def __init__(
        self, points: Float[np.ndarray, "kk d"], masses: Float[np.ndarray, " kk"], beta: float, time: float
    ) -> None:
        """Make the lists.

        Args:
            points: shape (k + 1, d), unit rows.
            masses: shape (k + 1,); 0 of those that are not there.
            beta: inverse temperature, above 0.
            time: not negative.
        """
        self._beta = beta
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
        self.reach, self.travel = (1 + _SKIN) * reach, _SKIN / 2 * reach
        pairs = present[KDTree(points[present]).query_pairs(self.reach, output_type="ndarray")]
        both = np.concatenate([pairs, pairs[:, ::-1]])
        both = both[np.argsort(both[:, 0], kind="stable")]
        counts = np.bincount(both[:, 0], minlength=nobody + 1)
        table = np.full((nobody + 1, int(np.max(counts)) + _ROOM), nobody, np.int32)
        rank = np.arange(len(both)) - np.repeat(np.cumsum(counts) - counts, counts)
        table[both[:, 0], rank] = both[:, 1]
        self.lists = Lists(table, counts, points.copy())

    def kept(self) -> dict[str, np.ndarray]:
        """Return the lists."""
        return self.lists._asdict() | {"lists": np.array([self.until, self.reach, self.travel])}

    def take(self, kept: dict[str, np.ndarray]) -> None:
        """Go on with lists that `kept` returned."""
        self.lists = Lists(*(kept[name] for name in Lists._fields))
        self.until, self.reach, self.travel = kept["lists"].tolist()

    def near(self, numbers: Int[np.ndarray, "*b"]) -> Int[np.ndarray, "*b w"]:
        """Neighbours of clusters, and nobody in the free places."""
        return self.lists.table[numbers]

    def strayed(self, number: int, points: Float[np.ndarray, "kk d"]) -> bool:
        """Whether a cluster has moved so far that its list must be renewed."""
        moved = points[number] - self.lists.listed[number]
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
        if not relist(points, masses, self.lists, number, self.reach):
            self.renew(points, masses, time)
