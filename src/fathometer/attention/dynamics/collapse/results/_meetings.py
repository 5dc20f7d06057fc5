"""Who has been together since when: a tree of meetings, from which those who part again are cut out."""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

from scipy.cluster.hierarchy import DisjointSet

Members = tuple[int, ...]


class Bond(IntEnum):
    """What is known of a group that has met.

    SETTLED: it was a cluster, or has become one. NEW: it has not been looked at. CHAIN: when last seen it was a chain,
    wider than a cluster.
    """

    SETTLED = 0
    NEW = 1
    CHAIN = 2


class Meeting(NamedTuple):
    """Two particles, and with them their groups, have been in one group ever since.

    The meetings of a group make a spanning tree of its particles. Any two of them have been together since the latest
    meeting on the path between them.

    Attributes:
        log_time: since when; -inf for the start.
        first: a particle.
        second: another one.
        doubt: error of the log time that runs with other tolerances share, at the least.
        bond: what is known of the group.
    """

    log_time: float
    first: int
    second: int
    doubt: float = 0.0
    bond: Bond = Bond.SETTLED


class Joined(NamedTuple):
    """Two groups became one for good.

    Attributes:
        log_time: when; -inf at the start.
        doubt: as of the meeting.
        first: particles of the one, ascending.
        second: particles of the other, ascending; the smallest is larger than that of the first.
    """

    log_time: float
    doubt: float
    first: Members
    second: Members


def within(meetings: Iterable[Meeting], part: Mapping[int, int]) -> list[Meeting]:
    """Meetings of the parts into which groups have fallen, with the times since which their particles are together.

    Args:
        meetings: any.
        part: label of the part of every particle.
    """
    sets, kept = DisjointSet(part), []
    agents: dict[int, dict[int, int]] = {}  # of every set, one particle of each part in it
    for meeting in sorted(meetings, key=lambda meeting: meeting.log_time):
        roots = sets[meeting.first], sets[meeting.second]
        less, more = sorted((agents.pop(root, None) or {part[root]: root} for root in roots), key=len)
        shared = sorted(less.keys() & more.keys())
        kept += [meeting._replace(first=more[label], second=less[label]) for label in shared]
        more.update(less)
        sets.merge(*roots)
        agents[sets[roots[0]]] = more
    return kept


def joined(meetings: Iterable[Meeting]) -> Iterator[Joined]:
    """Meetings in the order of their times, with everyone who met.

    Groups that meet at one time do so from the one with the smallest particle on.

    Yields:
        Two groups that became one.
    """
    groups: dict[int, Members] = {}  # every group under its smallest particle, and under whom every particle is found
    above: dict[int, int] = {}

    def smallest(particle: int) -> int:
        while (up := above.get(particle)) is not None:
            above[particle] = above.get(up, up)
            particle = up
        return particle

    for log_time, same in groupby(sorted(meetings, key=lambda meeting: meeting.log_time), lambda m: m.log_time):
        doubt, pairs = zip(*((m.doubt, (smallest(m.first), smallest(m.second))) for m in same), strict=True)
        for block in _blocks(pairs):
            head, *others = sorted(block)
            whole = groups.pop(head, (head,))
            for other in others:
                group = groups.pop(other, (other,))
                yield Joined(log_time, max(doubt), whole, group)
                whole = tuple(sorted(whole + group))
                above[other] = head
            groups[head] = whole


def _blocks(pairs: Iterable[tuple[int, int]]) -> Iterable[set[int]]:
    """Connected components of a graph."""
    pairs = list(pairs)
    sets = DisjointSet(node for pair in pairs for node in pair)
    for pair in pairs:
        sets.merge(*pair)
    return sets.subsets()
