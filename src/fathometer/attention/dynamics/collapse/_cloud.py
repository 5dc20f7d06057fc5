"""The clusters of a run: where they are, what they are made of, and which count as one at the event chord."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from fathometer.attention.dynamics.collapse.results._meetings import Bond, Meeting, within
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Record


@dataclass(frozen=True, eq=False)
class Clusters(Record):
    """The clusters at a time.

    Attributes:
        points: shape (k, d), unit rows.
        log_masses: shape (k,).
        born: log of the time since which each has existed, shape (k,).
        doubts: errors of their clocks that runs with other tolerances share, shape (k,).
        members: particles of every cluster.
        ties: positions of the pairs that hold groups together.
    """

    points: NDArray[np.float64]
    log_masses: NDArray[np.float64]
    born: NDArray[np.float64]
    doubts: NDArray[np.float64]
    members: tuple[tuple[int, ...], ...]
    ties: NDArray[np.int64]

    @classmethod
    def of(cls, system: ParticleSystem) -> "Clusters":
        """Every particle on its own, at the start."""
        n = len(system.points)
        members = tuple((i,) for i in range(n))
        return cls(
            system.points, np.log(system.masses), np.full(n, -np.inf), np.zeros(n), members, np.zeros((0, 2), int)
        )


class Cloud:
    """Clusters by number: those of the beginning first, then one more for every merger.

    Attributes:
        points: shape (2 k - 1, d), unit rows.
        log_masses: shape (2 k - 1,).
        born: log of the time since which a cluster has existed, shape (2 k - 1,).
        doubts: see `Clusters`, shape (2 k - 1,).
        alive: numbers of the present clusters, ascending.
        meetings: who is within the event chord, or has become one cluster, and since when.
        ties: pairs of clusters, the smaller number first, that hold the groups together.
        unsettled: whether some meetings are not settled.
    """

    def __init__(self, clusters: Clusters, meetings: Iterable[Meeting] = ()) -> None:
        k = len(clusters.points)
        self.points = np.concatenate([clusters.points, np.zeros((k - 1, clusters.points.shape[1]))])
        self.log_masses = np.concatenate([clusters.log_masses, np.zeros(k - 1)])
        self.born = np.concatenate([clusters.born, np.full(k - 1, -np.inf)])
        self.doubts = np.concatenate([clusters.doubts, np.zeros(k - 1)])
        self.alive = np.arange(k)
        self.meetings = list(meetings)
        self._next = k
        self._members = dict(enumerate(clusters.members))
        self._group = np.arange(2 * k - 1)
        self.ties: set[tuple[int, int]] = {(int(first), int(second)) for first, second in clusters.ties}
        self.unsettled = any(meeting.bond for meeting in self.meetings)
        if self.ties:
            self._group[:k] = components(k, clusters.ties)

    def by_particle(self, labels: Int[np.ndarray, " k"] | Bool[np.ndarray, " k"]) -> dict[int, int]:
        """Return the label of its cluster for every particle, from those of the present clusters."""
        pairs = zip(self.alive, labels, strict=True)
        return {particle: int(label) for number, label in pairs for particle in self._members[int(number)]}

    def by_token(self) -> Int[np.ndarray, " n"]:
        """Return the number of its cluster for every token."""
        tokens = [np.array(self._members[int(number)]) for number in self.alive]
        numbers = np.empty(sum(map(len, tokens)), int)
        numbers[np.concatenate(tokens)] = np.repeat(self.alive, [*map(len, tokens)])
        return numbers

    def clusters(self) -> Clusters:
        """Return the present clusters."""
        alive = self.alive
        members = tuple(self._members[int(number)] for number in alive)
        ties = np.searchsorted(alive, np.array(sorted(self.ties), int).reshape(-1, 2))
        return Clusters(self.points[alive], self.log_masses[alive], self.born[alive], self.doubts[alive], members, ties)

    def groups(self, numbers: Int[np.ndarray, "*shape"]) -> Int[np.ndarray, "*shape"]:
        """Return labels of the clusters; those of one group count as one at the event chord."""
        return self._group[numbers]

    def same_group(self, first: int, second: int) -> bool:
        """Whether two clusters count as one at the event chord."""
        return bool(self._group[first] == self._group[second])

    def final_meetings(self) -> list[Meeting]:
        """Meetings of particles that are in one cluster now: the others may still part."""
        return self.meetings if len(self.alive) == 1 else within(self.meetings, self.by_particle(self.alive))

    def meet(self, first: int, second: int, log_time: float, doubt: float = 0.0, bond: Bond = Bond.SETTLED) -> None:
        """Let the groups of two clusters become one, if they are not yet.

        Args:
            first: number of a present cluster.
            second: number of another one.
            log_time: log of the time of the meeting; -inf at the start.
            doubt: error of the log time that runs with other tolerances share, at the least; not negative.
            bond: what is known of the group that they make.
        """
        one, other = int(self._group[first]), int(self._group[second])
        if one == other:
            return
        ends = self._members[first][0], self._members[second][0]
        doubt = max(doubt, float(self.doubts[first]), float(self.doubts[second]))
        self.meetings.append(Meeting(log_time, *ends, doubt, bond))
        self._group[self._group == other] = one
        self.ties.add((min(first, second), max(first, second)))
        self.unsettled |= bool(bond)

    def regroup(self, labels: Int[np.ndarray, " k"]) -> None:
        """Take groups apart: the present clusters of one label stay together."""
        self.meetings = within(self.meetings, self.by_particle(labels))
        self._group[self.alive] = labels

    def merge(
        self,
        first: int,
        second: int,
        log_time: float,
        point: Float[np.ndarray, " d"] | None = None,
        doubt: float = 0.0,
    ) -> int:
        """Replace two clusters by one and return its number.

        Args:
            first: number of a present cluster.
            second: number of another one.
            log_time: log of the time of the merger; -inf at the start.
            point: where they merge, shape (d,), not zero; their mass centre if not given.
            doubt: error of the log time that runs with other tolerances share, at the least; not negative.
        """
        self.meet(first, second, log_time, doubt)
        one, other = self.log_masses[first], self.log_masses[second]
        larger = max(one, other)
        centre = math.exp(one - larger) * self.points[first] + math.exp(other - larger) * self.points[second]
        place = centre if point is None else point
        new, self._next = self._next, self._next + 1
        self.points[new] = place / math.sqrt(place @ place)
        self.log_masses[new] = np.logaddexp(one, other)
        self._group[new] = self._group[first]
        renamed = [tuple(new if end in (first, second) else end for end in tie) for tie in self.ties]
        self.ties = {(min(tie), max(tie)) for tie in renamed if tie[0] != tie[1]}
        self._members[new] = self._members.pop(first) + self._members.pop(second)
        self.born[new] = log_time
        self.doubts[new] = max(doubt, self.doubts[first], self.doubts[second])
        self.alive = np.append(self.alive[(self.alive != first) & (self.alive != second)], new)
        return new


def components(count: int, pairs: Int[np.ndarray, "pairs 2"]) -> Int[np.ndarray, " count"]:
    """Label the connected components of a graph of `count` nodes."""
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


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
