"""A proved lower bound of the time until two clusters can meet."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions.lifetime._caps import Caps, caps_around
from fathometer.attention.predictions.lifetime._course import follow_caps, log_time_scale
from fathometer.attention.predictions.lifetime._pulls import Attraction
from fathometer.evidence import InputError, Record, finite_number, whole_number

_CANDIDATES = 4
_MOST_CAPS = 200


@dataclass(frozen=True, eq=False)
class ClusterLifetime(Record):
    """Clusters and how long they stay apart at the least.

    Attributes:
        log_time: no two tokens of different clusters are within the event chord of each other before exp(log_time),
            from the moment of the given positions on (proved, rounded down). Infinite for a single cluster; -inf where
            two caps are that close at the start.
        members: number of the cluster of each token, shape (n,).
        caps: what holds the clusters at the start: centres, radii with the error of the positions, masses.
        final_caps: what holds them at exp(log_time); empty of meaning where log_time is infinite.
        event_chord: distance between tokens that makes an event.
        error: of the positions, an angle in radians.
        steps: of the comparison equation.
    """

    log_time: float
    members: NDArray[np.int64]
    caps: Caps
    final_caps: Caps
    event_chord: float
    error: float
    steps: int

    @property
    def clusters(self) -> int:
        """How many there are."""
        return len(self.caps.masses)


def cluster_lifetime(
    system: ParticleSystem,
    members: ArrayLike | None = None,
    *,
    clusters: int | None = None,
    error: float = 0.0,
    event_chord: float | None = None,
) -> ClusterLifetime:
    """Bound the time of the first merger of clusters from below, for any masses, SA and USA (derived).

    Every cluster is held by a cap that moves and widens at rates that no token can exceed; see `_steps` for the proof.
    The bound is proved for the exact flow from any positions within the error of the given ones, in exact arithmetic of
    outward-rounded float64. It is of use where clusters are tight and far from each other compared with 1/sqrt(beta).

    Args:
        system: tokens at the moment from which on time counts.
        members: shape (n,), labels of the clusters; if None, those of single linkage, two or more, that live longest.
        clusters: number of clusters of single linkage to choose, between 1 and n; chosen if None. Not with `members`.
        error: of the positions: an angle in radians, in [0, 1], by which every token may be elsewhere.
        event_chord: distance between tokens of different clusters that ends the life, in (0, 1]; 0.1/sqrt(max(1, beta))
            if None, as for `simulate_collapse`.

    Raises:
        InputError: if a value is not as above.
    """
    chord = default_resolution(system.beta) if event_chord is None else event_chord
    chord = finite_number("event_chord", chord, above=0, at_most=1)
    error = finite_number("error", error, at_least=0, at_most=1)
    if members is not None and clusters is not None:
        raise InputError("members and clusters must not both be given")
    choices = _partitions(system, clusters) if members is None else [_read_members(members, len(system.points))]
    covered = [(labels, caps_around(system.points, system.masses, labels, error)) for labels in choices]
    contact = 2 * float(np.arcsin(chord / 2)) * (1 + 1e-15)
    if len(covered) > 1:
        covered = sorted(covered, key=lambda one: -log_time_scale(one[1], _attraction(system, one[1]), contact))
    lives = [_live(system, *one, contact, chord, error) for one in covered[:_CANDIDATES]]
    return max(lives, key=lambda life: life.log_time)


def _live(
    system: ParticleSystem, members: Int[np.ndarray, " n"], caps: Caps, contact: float, chord: float, error: float
) -> ClusterLifetime:
    if len(caps.masses) == 1:
        return ClusterLifetime(np.inf, members, caps, caps, chord, error, 0)
    courses = [follow_caps(caps, _attraction(system, caps), contact, moving=moving) for moving in (False, True)]
    best = max(courses, key=lambda course: course.log_time)
    return ClusterLifetime(best.log_time, members, caps, best.caps, chord, error, best.steps)


def _attraction(system: ParticleSystem, caps: Caps) -> Attraction:
    return Attraction(caps.masses, system.beta, system.model)


def _read_members(members: ArrayLike, n: int) -> Int[np.ndarray, " n"]:
    labels = np.asarray(members)
    if labels.shape != (n,):
        raise InputError(f"members must have shape ({n},), got {labels.shape}")
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _partitions(system: ParticleSystem, clusters: int | None) -> list[Int[np.ndarray, " n"]]:
    """Labels of the clusters of single linkage, of the given number or of every one from 2 on.

    Raises:
        InputError: if there are never that many.
    """
    n = len(system.points)
    if n == 1 or clusters == 1:
        whole_number("clusters", 1 if clusters is None else clusters, at_least=1, at_most=n)
        return [np.zeros(n, np.int64)]
    tree = linkage(system.points, "single")
    joins = np.concatenate([[0.0], tree[:, 2], [np.inf]])
    possible = [k for k in range(1, n + 1) if joins[n - k] < joins[n - k + 1]]
    if clusters is not None:
        wanted = whole_number("clusters", clusters, at_least=1, at_most=n)
        if wanted not in possible:
            raise InputError(
                f"clusters must be a number that single linkage makes, got {wanted}; it makes {possible[:20]}"
            )
        possible = [wanted]
    several = [k for k in possible if 2 <= k <= _MOST_CAPS] or [1]
    return [fcluster(tree, joins[n - k], "distance").astype(np.int64) - 1 for k in several]
