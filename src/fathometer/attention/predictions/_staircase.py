"""The staircase of the energy: which clusters merge when, in the three clocks in which the limit is a step function."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist, pdist, squareform

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._two_tokens import contact_gap
from fathometer.attention.predictions._closed_forms import log_tangent_ratio, two_cluster_merge_fraction
from fathometer.attention.predictions._slow_motion import contact_log_time, limit_merge_fraction
from fathometer.evidence import Estimate, InputError, finite_number

Masses = tuple[float, float]
_ANTIPODAL = 1e-9
_RANGES = 4.0
_SETTLED = 15.0
"""Time constants, 1/(smallest mass), after a merger from which on its plateau counts."""

_BEFORE = 3.0
"""Log time before a merger until which its plateau counts."""


@dataclass(frozen=True)
class Staircase:
    """Mergers in their order; every array has one entry for each, and `levels` one more.

    Attributes:
        members: the tokens of the two clusters that merge.
        gaps: their angle in radians.
        masses: shape (mergers, 2).
        log_time_slopes: s = max of 1 - cos w over the mergers so far: log T = beta s + O(log beta).
        arc_lengths: sum of w sqrt(n_a n_b / (n_a + n_b)) so far, the length of the path in the tokens' angles (USA),
            with n_a = n m_a. Half the squares of its increments are Ward's linkage distances.
        levels: unit energy before, between and after the mergers in the limit, sum of m_a^2.
        starts: places of the two clusters before they merge, shape (mergers, 2, d).
        place: where the last cluster ends.
    """

    members: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    gaps: Float[np.ndarray, " m"]
    masses: Float[np.ndarray, "m 2"]
    log_time_slopes: Float[np.ndarray, " m"]
    arc_lengths: Float[np.ndarray, " m"]
    levels: Float[np.ndarray, " m+1"]
    starts: Float[np.ndarray, "m 2 d"]
    place: Float[np.ndarray, " d"]

    def rescaled_times(self, beta: float) -> Float[np.ndarray, " m"]:
        """Jumps in the clock of Geshkovski et al. (2024), in which |dx/ds| = log(beta): arc lengths over log(beta).

        Raises:
            InputError: if beta is not above 1.
        """
        return self.arc_lengths / np.log(finite_number("beta", beta, above=1))

    @property
    def closest_pair_times(self) -> Float[np.ndarray, " m"]:
        """Limits of the jumps of USA in the clock of the closest pair, when gluing adds masses (derived).

        A merger of n_a and n_b of n tokens closes at the rate c = (n_a + n_b)/n^2 and takes 1/(2 c), with a
        clock n times slower than for masses that sum to 1, as in the code of the authors.
        """
        n = len(self.levels)
        return np.cumsum(n / (2 * self.masses.sum(axis=1)))


def limit_staircase(system: ParticleSystem) -> Staircase:
    """Return the mergers in the limit of large beta (derived).

    The closest pair merges, at the mean of its places on the geodesic, weighted by squared masses (SA) or masses (USA).

    Args:
        system: distinct tokens, not antipodal when they merge; its beta is not used.

    Raises:
        InputError: if two clusters that merge are antipodal.
    """
    return _merge_all(system, lambda gap, masses: limit_merge_fraction(masses, system.model))


def predicted_staircase(system: ParticleSystem) -> Staircase:
    """Return the mergers with the places that isolated pairs have at this beta, by quadrature (derived).

    Arguments and errors as for `limit_staircase`.
    """
    return _predicted(system)


@lru_cache(maxsize=4)  # hypotheses, prediction and quantity of a theorem ask for the same
def _predicted(system: ParticleSystem) -> Staircase:
    def fraction(gap: float, masses: Masses) -> float:
        return float(two_cluster_merge_fraction(gap, system.beta, masses, system.model).value)

    return _merge_all(system, fraction)


def predicted_log_times(system: ParticleSystem, contact: float = 1e-5) -> Estimate:
    """Log of the times of the mergers of `predicted_staircase`, each the time of an isolated pair from gap to contact.

    Times of earlier mergers are neglected, so that it is right where they are much shorter; a later merger is not
    before an earlier one.

    Args:
        system: as for `limit_staircase`.
        contact: angle in radians at which clusters count as merged.
    """
    stairs, contact = predicted_staircase(system), finite_number("contact", contact, above=0, below=1)
    times = [
        contact_log_time(gap, contact, system.beta, (first, second), system.model)
        for gap, (first, second) in zip(stairs.gaps, stairs.masses, strict=True)
    ]
    log_times = np.maximum.accumulate(np.array(times))
    return Estimate.heuristic(log_times, log_times - 1 / max(1.0, system.beta), log_times + np.log(2))


def closest_ranges(system: ParticleSystem) -> float:
    """Smallest angle between two tokens at time 0 in interaction ranges 1/sqrt(beta); NaN for a single one."""
    if len(system.points) == 1:
        return np.nan
    chord = np.min(KDTree(system.points).query(system.points, 2)[0][:, 1])
    return float(2 * np.arcsin(min(chord / 2, 1.0)) * np.sqrt(system.beta))


def far_staircase(system: ParticleSystem) -> Staircase | None:
    """Return `predicted_staircase`; None if tokens are not 4 interaction ranges apart, or merge from antipodal places.

    That spares its work, n^2 for every merger, where clusters are not isolated.
    """
    if not closest_ranges(system) >= _RANGES:
        return None
    try:
        return predicted_staircase(system)
    except InputError:
        return None


def cluster_log_times(system: ParticleSystem) -> Estimate:
    """`predicted_log_times` to the gap at which the default resolution takes clusters as one."""
    return predicted_log_times(system, contact_gap(system.beta))


def plateau_numbers(system: ParticleSystem, log_times: Float[np.ndarray, " t"]) -> Int[np.ndarray, " t"]:
    """Number of the plateau of the energy at each time, from 0 on; -1 within a jump.

    A plateau counts from 15 time constants after its merger on, until its log time is within 3 of the next one.
    """
    jumps = np.asarray(cluster_log_times(system).value)
    settle = _SETTLED / float(np.min(system.masses))
    starts = np.append(-np.inf, np.logaddexp(jumps, np.log(settle)))
    ends = np.append(jumps - _BEFORE, np.inf)
    inside = (log_times[:, None] >= starts) & (log_times[:, None] <= ends)
    return np.where(inside.any(axis=1), np.argmax(inside, axis=1), -1)


def plateau_room(system: ParticleSystem) -> Float[np.ndarray, " levels"]:
    """By how much the energy may differ from each level: 25 exp(-beta (1 - cos w)) (1 - level), w the smallest gap.

    That is the attraction between the clusters, and nothing on the last plateau; 1e-6 is added for rounding.
    """
    stairs = predicted_staircase(system)
    attraction = np.append(25 * np.exp(-2 * system.beta * np.sin(stairs.gaps / 2) ** 2), 0.0)
    return attraction * (1 - stairs.levels) + 1e-6


def closing_time_range(limit: float, angle: float, rate: float, beta: float) -> tuple[float, float]:
    """Limit/c, and the next order either way, of the time of `logarithmic_merge_time` down to sqrt(log(beta)/beta).

    The next order is (log log(beta)/2 + |log tan(u_0/2)| + 1)/(c log(beta)) (derived).

    Args:
        limit: 1/2; 2 is printed.
        angle: u_0 in (0, pi).
        rate: c > 0.
        beta: > e.
    """
    log_beta = np.log(beta)
    room = (np.log(log_beta) / 2 + abs(np.log(np.tan(angle / 2))) + 1) / (rate * log_beta)
    return float(limit / rate - room), float(limit / rate + room)


def logarithmic_merge_time(angle: float, end: float, rate: float, beta: float) -> Estimate:
    """Time in which du/dt = -c log(beta) sin u brings u from one angle to another.

    It is log(tan(u_0/2) / tan(u_f/2)) / (c log beta) (derived), the scalar lemma of the staircase theorem of Geshkovski
    et al. (2024). Down to u_f = sqrt(log(beta)/beta) it tends to 1/(2 c); 2/c is printed.

    Args:
        angle: u_0 in (0, pi).
        end: u_f in (0, u_0).
        rate: c > 0.
        beta: > 1.

    Raises:
        InputError: if a value is not as above.
    """
    start = finite_number("angle", angle, above=0, below=np.pi)
    end = finite_number("end", end, above=0, below=start)
    speed = finite_number("rate", rate, above=0) * np.log(finite_number("beta", beta, above=1))
    return Estimate.exact(log_tangent_ratio(start, end) / speed)


def geodesic_point(
    start: Float[np.ndarray, " d"], end: Float[np.ndarray, " d"], share: float
) -> Float[np.ndarray, " d"]:
    """Point of the geodesic between two points that are not antipodal, at a share of their gap in [0, 1].

    Args:
        start: shape (d,), unit.
        end: shape (d,), unit, not antipodal to the start.
        share: of the way, in [0, 1].
    """
    gap = 2 * float(np.arctan2(np.linalg.norm(end - start), np.linalg.norm(end + start)))
    return _between(start, end, gap, share)


def _merge_all(system: ParticleSystem, fraction: Callable[[float, Masses], float]) -> Staircase:
    places, masses = np.array(system.points), np.array(system.masses)
    chords = squareform(pdist(places))  # infinite for what has been merged into another
    np.fill_diagonal(chords, np.inf)
    groups: list[tuple[int, ...]] = [(i,) for i in range(len(masses))]
    members, gaps, pairs, starts, levels = [], [], [], [], [np.sum(np.square(masses))]
    for _ in range(len(masses) - 1):
        first, second, gap = _closest(places, chords)
        pair = float(masses[first]), float(masses[second])
        members.append((groups[first], groups[second]))
        gaps.append(gap)
        pairs.append(pair)
        starts.append(places[[first, second]])
        places[first] = _between(places[first], places[second], gap, fraction(gap, pair) if gap > 0 else 0.0)
        masses[first], masses[second] = sum(pair), 0.0
        groups[first] = tuple(sorted(groups[first] + groups[second]))
        chords[second] = chords[:, second] = np.inf
        apart = np.isfinite(chords[first])
        chords[first, apart] = chords[apart, first] = cdist(places[first : first + 1], places[apart])[0]
        levels.append(np.sum(np.square(masses)))
    starts = np.array(starts).reshape(-1, 2, places.shape[1])
    pairs = np.array(pairs).reshape(-1, 2)
    return _staircase(system, members, np.array(gaps), pairs, np.array(levels), starts, places[0])


def _staircase(system, members, gaps, pairs, levels, starts, place) -> Staircase:
    counts = len(system.points) * pairs
    lengths = gaps * np.sqrt(counts[:, 0] * counts[:, 1] / counts.sum(axis=1))
    slopes = np.maximum.accumulate(2 * np.sin(gaps / 2) ** 2)
    return Staircase(tuple(members), gaps, pairs, slopes, np.cumsum(lengths), levels, starts, place)


def _closest(places: Float[np.ndarray, "k d"], chords: Float[np.ndarray, "k k"]) -> tuple[int, int, float]:
    first, second = sorted(int(i) for i in np.unravel_index(np.argmin(chords), chords.shape))
    opposite = float(np.linalg.norm(places[first] + places[second]))
    if opposite < _ANTIPODAL:
        raise InputError("two clusters that merge must not be antipodal: there is no shortest way between them")
    return first, second, 2 * float(np.arctan2(chords[first, second], opposite))


def _between(
    start: Float[np.ndarray, " d"], end: Float[np.ndarray, " d"], gap: float, share: float
) -> Float[np.ndarray, " d"]:
    """Point of the geodesic at a share of the gap."""
    tangent = end - start + np.sum((end - start) ** 2) / 2 * start
    length = np.linalg.norm(tangent)
    return start if length == 0 else np.cos(share * gap) * start + np.sin(share * gap) * tangent / length
