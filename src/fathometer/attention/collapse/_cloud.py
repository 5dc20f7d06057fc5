"""The clusters of a run: where they are, what they are made of, and which count as one at the event chord."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.spatial import KDTree

from fathometer.attention._system import ParticleSystem
from fathometer.evidence import Record


class Meeting(NamedTuple):
    """Two groups became one at the event chord.

    Attributes:
        log_time: when; -inf at the start.
        first: particles of the one.
        second: particles of the other.
    """

    log_time: float
    first: tuple[int, ...]
    second: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Clusters(Record):
    """The clusters at a time.

    Attributes:
        points: shape (k, d), unit rows.
        log_masses: shape (k,).
        born: log of the time since which each has existed, shape (k,).
        groups: shape (k,), index into `members`.
        members: particles of every group.
    """

    points: NDArray[np.float64]
    log_masses: NDArray[np.float64]
    born: NDArray[np.float64]
    groups: NDArray[np.int64]
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, system: ParticleSystem) -> "Clusters":
        """Every particle on its own, at the start."""
        n = len(system.points)
        members = tuple((i,) for i in range(n))
        return cls(system.points, np.log(system.masses), np.full(n, -np.inf), np.arange(n), members)


class Cloud:
    """Clusters by number: those of the beginning first, then one more for every merger.

    Attributes:
        points: shape (2 k - 1, d), unit rows.
        log_masses: shape (2 k - 1,).
        born: log of the time since which a cluster has existed, shape (2 k - 1,).
        alive: numbers of the present clusters, ascending.
        meetings: what happened at the event chord, not sorted.
    """

    def __init__(self, clusters: Clusters, meetings: Sequence[Meeting] = ()) -> None:
        k = len(clusters.points)
        self.points = np.concatenate([clusters.points, np.zeros((k - 1, clusters.points.shape[1]))])
        self.log_masses = np.concatenate([clusters.log_masses, np.zeros(k - 1)])
        self.born = np.concatenate([clusters.born, np.full(k - 1, -np.inf)])
        self.alive = np.arange(k)
        self.meetings = list(meetings)
        self._next = k
        self._group = np.concatenate([clusters.groups, np.full(k - 1, -1)])
        self._members = dict(enumerate(clusters.members))

    def clusters(self) -> Clusters:
        """Return the present clusters."""
        labels, groups = np.unique(self._group[self.alive], return_inverse=True)
        members = tuple(tuple(self._members[int(label)]) for label in labels)
        alive = self.alive
        return Clusters(self.points[alive], self.log_masses[alive], self.born[alive], groups.astype(np.int64), members)

    def groups(self, numbers: Int[np.ndarray, "*shape"]) -> Int[np.ndarray, "*shape"]:
        """Return labels of the clusters; those of one group count as one at the event chord."""
        return self._group[numbers]

    def same_group(self, first: int, second: int) -> bool:
        """Whether two clusters count as one at the event chord."""
        return bool(self._group[first] == self._group[second])

    def meet(self, first: int, second: int, log_time: float) -> None:
        """Let the groups of two clusters become one, if they are not yet."""
        if self.same_group(first, second):
            return
        one, other = int(self._group[first]), int(self._group[second])
        left, right = self._members[one], self._members.pop(other)
        self.meetings.append(Meeting(log_time, *sorted((tuple(sorted(left)), tuple(sorted(right))))))
        self._members[one] = (*left, *right)
        self._group[self._group == other] = one

    def merge(self, first: int, second: int, log_time: float, point: Float[np.ndarray, " d"] | None = None) -> int:
        """Replace two clusters by one, at their mass centre unless told otherwise, and return its number."""
        self.meet(first, second, log_time)
        one, other = self.log_masses[first], self.log_masses[second]
        larger = max(one, other)
        centre = math.exp(one - larger) * self.points[first] + math.exp(other - larger) * self.points[second]
        place = centre if point is None else point
        new, self._next = self._next, self._next + 1
        self.points[new] = place / math.sqrt(place @ place)
        self.log_masses[new] = np.logaddexp(one, other)
        self._group[new] = self._group[first]
        self.born[new] = log_time
        self.alive = np.append(self.alive[(self.alive != first) & (self.alive != second)], new)
        return new


_FEW = 48
"""Points among which all products find the close ones faster than a tree does."""


def close_pairs(points: Float[np.ndarray, "n d"], chord: float) -> Int[np.ndarray, "pairs 2"]:
    """Pairs of points at distance `chord` or less."""
    if points.shape[1] <= 8 and len(points) > _FEW:
        return KDTree(points).query_pairs(chord, output_type="ndarray")
    pairs = np.argwhere(points @ points.T >= 1 - max(chord, 1e-6) ** 2 / 2 - 1e-14)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    apart = points[pairs[:, 0]] - points[pairs[:, 1]]
    return pairs[np.einsum("ij,ij->i", apart, apart) <= chord**2]
