"""Which tokens form a cluster, how much that hangs on the resolution, and in what order clusters merged."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.observables.clusters._gaps import linkage_gaps
from fathometer.evidence import Estimate, Observable, Problem, Record, Trajectory, finite_number
from fathometer.numerics import single_linkage


@dataclass(frozen=True, eq=False)
class Merger(Record):
    """Two or more clusters that became one between two states of a trajectory.

    Attributes:
        before: axis point of the last state at which they were apart.
        after: axis point of the first state at which they were one.
        members: tokens of each of them, ascending.
    """

    before: float
    after: float
    members: tuple[tuple[int, ...], ...]


def cluster_members(points: Float[np.ndarray, "t n d"], resolution: float) -> Int[np.ndarray, "t n"]:
    """Number of the cluster of every token by single linkage at a chord, for each of t states; 0 for the first token's.

    Args:
        points: unit vectors.
        resolution: chord, above 0.

    Raises:
        InputError: if the resolution is not positive.
    """
    chord = finite_number("resolution", resolution, above=0)
    return np.stack([single_linkage(state, chord) for state in points])


def resolution_range(points: Float[np.ndarray, "t n d"], resolution: float) -> Float[np.ndarray, "t 2"]:
    """Chords between which the number of clusters is the one at the given chord, for each of t states.

    The first is 0 where every token is its own cluster, the second infinite where there is one cluster. A count that is
    worth reporting has a wide range. Arguments and errors as for `cluster_members`.
    """
    chord = finite_number("resolution", resolution, above=0)
    gaps = linkage_gaps(points)
    below = np.max(np.where(gaps <= chord, gaps, 0.0), axis=1, initial=0.0)
    above = np.min(np.where(gaps > chord, gaps, np.inf), axis=1, initial=np.inf)
    return np.stack([below, above], axis=1)


def mergers(run: Trajectory, resolution: float | None = None) -> tuple[Merger, ...]:
    """The merge tree of a trajectory: which clusters became one, in the order of the axis.

    Clusters of single linkage that part again are followed by their union: tokens count as together from the first
    state at which they are.

    Args:
        run: tokens along any axis, with states "points", simulated or recorded.
        resolution: chord, above 0; the default resolution of its beta when not given.

    Raises:
        InputError: if the resolution is not positive.
    """
    chord = default_resolution(ParticleSystem.expect(run.problem).beta) if resolution is None else resolution
    labels = cluster_members(run.states["points"], chord)
    current, events = labels[0], []
    for index in range(1, len(labels)):
        joined = _union(current, labels[index])
        ends = run.axis.points[index - 1 : index + 1]
        for label in np.unique(joined):
            parts = np.unique(current[joined == label])
            if len(parts) > 1:
                members = tuple(tuple(int(i) for i in np.flatnonzero(current == part)) for part in parts)
                events.append(Merger(float(ends[0]), float(ends[1]), members))
        current = joined
    return tuple(events)


def _union(first: Int[np.ndarray, " n"], second: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Labels of the finest partition that is coarser than both."""
    joined = (first[:, None] == first) | (second[:, None] == second)
    return connected_components(joined, directed=False)[1]


def _measure_stability(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    ends = resolution_range(states["points"], default_resolution(ParticleSystem.expect(problem).beta))
    with np.errstate(divide="ignore"):
        return Estimate.exact(np.log(ends[:, 1] / ends[:, 0]))


CLUSTER_STABILITY = Observable(
    "cluster_stability",
    "1",
    "log of the ratio of the largest to the smallest chord with the cluster count of the default resolution",
    _measure_stability,
)
