"""A proved lower bound of the time until two clusters can meet."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions.lifetime._caps import Caps, caps_around
from fathometer.attention.predictions.lifetime._course import FINENESS, Course, follow_caps, log_time_scale
from fathometer.attention.predictions.lifetime._pulls import Attraction
from fathometer.evidence import InputError, Record, finite_number, whole_number

_CANDIDATES = 4
_MOST_CAPS = 200
PLATEAU_FINENESS = 0.02
"""Fineness for the plateaus of a staircase, of which there are many."""
_CLUSTER = 1.0
"""Largest radius of what is looked at first, in units of the interaction range."""


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
        log_tight: log of a time, from the same moment on, by which tokens of one cluster are within the angle
            1e-6/sqrt(beta) of each other (proved, rounded up); -inf at the start, inf if none is certain.
        widest: angle within which they are from then on until exp(log_time), rounded up; 0 if there is no such time.
        from_log_time: log of the moment of the positions, since the start of the run; -inf for the start itself.
    """

    log_time: float
    members: NDArray[np.int64]
    caps: Caps
    final_caps: Caps
    event_chord: float
    error: float
    steps: int
    log_tight: float
    widest: float
    from_log_time: float = -np.inf

    @property
    def log_exit_time(self) -> float:
        """Log of the time since the start of the run before which no two clusters meet."""
        return float(np.logaddexp(self.from_log_time, self.log_time))

    @property
    def log_tight_time(self) -> float:
        """Log of the time since the start of the run by which all clusters are tight; inf if none is certain."""
        return float(np.logaddexp(self.from_log_time, self.log_tight))

    @property
    def clusters(self) -> int:
        """How many there are."""
        return len(self.caps.masses)


def tight_width(beta: float) -> float:
    """Angle within which tokens of a tight cluster are: a millionth of the interaction range 1/sqrt(max(1, beta))."""
    return 1e-6 / float(np.sqrt(max(1.0, beta)))


def cluster_lifetime(
    system: ParticleSystem,
    members: ArrayLike | None = None,
    *,
    clusters: int | None = None,
    error: float = 0.0,
    event_chord: float | None = None,
    fineness: float = FINENESS,
) -> ClusterLifetime:
    """Bound the time of the first merger of clusters from below, for any masses, SA and USA (derived).

    Every cluster is held by a cap that moves and widens at rates that no token can exceed; see `_steps` for the proof.
    The bound is proved for the exact flow from any positions within the error of the given ones, in exact arithmetic of
    outward-rounded float64. It is of use where clusters are tight and far from each other compared with 1/sqrt(beta).

    Args:
        system: tokens at the moment from which on time counts.
        members: shape (n,), labels of the clusters; if None, those of single linkage, two or more,
            that live longest among those that are certain to become tight.
        clusters: number of clusters of single linkage to choose, between 1 and n; chosen if None. Not with `members`.
        error: of the positions: an angle in radians, in [0, 1], by which every token may be elsewhere.
        event_chord: distance between tokens of different clusters that ends the life, in (0, 1]; 0.1/sqrt(max(1, beta))
            if None, as for `simulate_collapse`.
        fineness: relative change of the pulls in a step of the comparison equation, in (0, 0.25]. About as much
            of the log of the time is lost, and for two tokens (USA) nothing else.

    Raises:
        InputError: if a value is not as above.
    """
    covered, contact, chord = _choices(system, members, clusters, error, event_chord)
    fineness = finite_number("fineness", fineness, above=0, at_most=0.25)
    lives = [_live(system, *one, contact, fineness) for one in covered[:_CANDIDATES]]
    labels, caps, course = max(lives, key=lambda life: (life[-1].log_tight < life[-1].log_time, life[-1].log_time))
    ends = course.log_time, labels, caps, course.caps
    return ClusterLifetime(*ends, chord, error, course.steps, course.log_tight, course.widest)


@lru_cache(maxsize=64)  # hypotheses and prediction of a theorem ask for the same
def lifetime_of(tokens: ClusteredTokens, fineness: float = FINENESS) -> ClusterLifetime:
    """Bound the life of given clusters, as `cluster_lifetime` does."""
    system, error, chord = tokens.system, tokens.error, tokens.event_chord
    return cluster_lifetime(system, tokens.members, error=error, event_chord=chord, fineness=fineness)


def life_in_sight(
    system: ParticleSystem, *, clusters: int | None = None, error: float = 0.0, event_chord: float | None = None
) -> tuple[bool, float]:
    """Whether some clusters are narrow, and about the log of their life, by the rates of the moment alone.

    Args:
        system: as for `cluster_lifetime`.
        clusters: as for `cluster_lifetime`.
        error: as for `cluster_lifetime`.
        event_chord: as for `cluster_lifetime`.

    Raises:
        InputError: as `cluster_lifetime`.
    """
    covered, contact, _ = _choices(system, None, clusters, error, event_chord)
    return _promise(system, covered[0][1], contact)


def _choices(
    system: ParticleSystem, members: ArrayLike | None, clusters: int | None, error: float, event_chord: float | None
) -> tuple[list[tuple[Int[np.ndarray, " n"], Caps]], float, float]:
    """Return clusters with their caps, the most promising first, the least angle between them, and the event chord.

    Raises:
        InputError: as `cluster_lifetime`.
    """
    chord = default_resolution(system.beta) if event_chord is None else event_chord
    chord = finite_number("event_chord", chord, above=0, at_most=1)
    error = finite_number("error", error, at_least=0, at_most=1)
    if members is not None and clusters is not None:
        raise InputError("members and clusters must not both be given")
    choices = _partitions(system, clusters) if members is None else [_read_members(members, len(system.points))]
    covered = [(labels, caps_around(system.points, system.masses, labels, error)) for labels in choices]
    contact = 2 * float(np.arcsin(chord / 2)) * (1 + 1e-15)
    covered.sort(key=lambda one: _promise(system, one[1], contact), reverse=True)
    return covered, contact, chord


def _live(
    system: ParticleSystem, members: Int[np.ndarray, " n"], caps: Caps, contact: float, fineness: float
) -> tuple[Int[np.ndarray, " n"], Caps, Course]:
    if len(caps.masses) == 1:
        return members, caps, Course(np.inf, caps, 0, np.inf, 0.0)
    return (
        members,
        caps,
        follow_caps(caps, _attraction(system, caps), contact, tight_width(system.beta), fineness),
    )


def _promise(system: ParticleSystem, caps: Caps, contact: float) -> tuple[bool, float]:
    """Whether the caps are clusters at all, and about how long they live."""
    narrow = bool(np.max(caps.radii) * np.sqrt(max(1.0, system.beta)) < _CLUSTER)
    return narrow, log_time_scale(caps, _attraction(system, caps), contact)


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
