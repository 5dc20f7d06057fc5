"""Groups at the event chord that fall apart again, and those that are chains before they are clusters.

Neighbours in a dense cloud are within the event chord long before there are clusters. Such a chain is no cluster: it
breaks where clusters part, and what is left of it counts as one from the time when it reaches no further than one.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from fathometer.attention.dynamics.collapse._cloud import Cloud, close_pairs, components
from fathometer.attention.dynamics.collapse.results._meetings import Bond, Meeting
from fathometer.attention.dynamics.collapse.steps._compiled_loop import SLACK

_REACH = 5.0
"""Event chords from its mass centre within which all clusters of a group are, unless it is a chain; at most 1 away."""

_COINCIDENT = 1e-14

Numbers = Int[np.ndarray, " g"]
Narrowed = Callable[[Numbers], float]
"""Log of the time since which the clusters of a group, by their numbers, have been no chain."""


def begin(cloud: Cloud, chord: float) -> None:
    """Let those meet that are within the event chord at the start, first those that coincide."""
    points = cloud.points[cloud.alive]
    pairs = close_pairs(points, chord)
    if not len(pairs):
        return
    for close, bond in ((close_pairs(points, _COINCIDENT), Bond.SETTLED), (pairs, Bond.NEW)):
        for first, second in _forest(len(cloud.alive), close):
            cloud.meet(int(first), int(second), -math.inf, bond=bond)
    settle(cloud, chord, lambda numbers: -math.inf)


def met(cloud: Cloud, chord: float) -> Bond:
    """What is known of the next group that meets: only many clusters make a chain."""
    return Bond.NEW if len(cloud.ties) + 1 >= _reach(chord) / chord else Bond.SETTLED


def settle(cloud: Cloud, chord: float, narrowed: Narrowed) -> None:
    """See which groups are chains, and which have become clusters.

    Args:
        cloud: the clusters and their groups; changed in place.
        chord: the event chord, above 0.
        narrowed: see `Narrowed`.
    """
    if not cloud.unsettled:
        return
    group = cloud.by_particle(cloud.groups(cloud.alive))
    bonds = dict.fromkeys(group.values(), Bond.SETTLED)
    for meeting in cloud.meetings:
        bonds[group[meeting.first]] = max(bonds[group[meeting.first]], meeting.bond)
    since = {label: _since(cloud, label, bond, chord, narrowed) for label, bond in bonds.items() if bond}
    cloud.meetings = [_settled(m, since[group[m.first]]) if m.bond else m for m in cloud.meetings]
    cloud.unsettled = None in since.values()


def excess(points: Float[np.ndarray, "g d"], log_masses: Float[np.ndarray, " g"], chord: float) -> float:
    """How much further a group reaches than a cluster does.

    Args:
        points: shape (g, d), unit rows: the clusters of a group.
        log_masses: shape (g,).
        chord: the event chord, above 0.
    """
    centre = np.exp(log_masses - np.max(log_masses)) @ points
    centre /= max(float(np.linalg.norm(centre)), 1e-300)
    return float(np.max(np.linalg.norm(points - centre, axis=1))) - _reach(chord)


def _reach(chord: float) -> float:
    return min(_REACH * chord, 1.0)


def _since(cloud: Cloud, label: int, bond: Bond, chord: float, narrowed: Narrowed) -> float | None:
    """Log of the time since which a group has been no chain; None if it is one."""
    numbers = cloud.alive[cloud.groups(cloud.alive) == label]
    if excess(cloud.points[numbers], cloud.log_masses[numbers], chord) > 0:
        return None
    return narrowed(numbers) if bond is Bond.CHAIN else -math.inf


def _settled(meeting: Meeting, since: float | None) -> Meeting:
    if since is None:
        return meeting._replace(bond=Bond.CHAIN)
    return meeting._replace(bond=Bond.SETTLED, log_time=max(meeting.log_time, since))


def part(cloud: Cloud, chord: float) -> None:
    """Split the groups whose clusters are no longer connected; what is left of a chain is looked at anew."""
    groups = cloud.groups(cloud.alive)
    _, groups, counts = np.unique(groups, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[groups] > 1)
    if not len(several):
        return
    pairs = several[close_pairs(cloud.points[cloud.alive[several]], chord * (1 + SLACK))]
    pairs = pairs[groups[pairs[:, 0]] == groups[pairs[:, 1]]]
    parts = components(len(groups), pairs)
    cloud.ties = {(min(tie), max(tie)) for tie in cloud.alive[_forest(len(groups), pairs)].tolist()}
    if np.max(parts) + 1 == len(counts):
        return
    pieces = np.bincount(groups[np.unique(parts, return_index=True)[1]])  # of every group
    broken = cloud.by_particle(pieces[groups] > 1)
    cloud.meetings = [
        m._replace(bond=Bond.NEW) if m.bond is Bond.CHAIN and broken[m.first] else m for m in cloud.meetings
    ]
    cloud.regroup(parts)


def _forest(count: int, pairs: Int[np.ndarray, "pairs 2"]) -> Int[np.ndarray, "edges 2"]:
    """Edges that connect what the pairs connect, and no more."""
    if len(pairs) < 2:
        return pairs
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.stack(minimum_spanning_tree(graph).nonzero(), axis=1)
