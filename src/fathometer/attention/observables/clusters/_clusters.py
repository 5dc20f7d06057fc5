"""How many clusters there are, and when their number falls."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import AxisKind, Estimate, Event, InputError, Trajectory, finite_number
from fathometer.numerics import single_linkage


def default_resolution(beta: float) -> float:
    """Chord below which tokens count as one cluster: 0.1 / sqrt(max(1, beta)), a tenth of the interaction range."""
    return 0.1 / math.sqrt(max(1.0, beta))


def cluster_counts(points: Float[np.ndarray, "t n d"], resolution: float) -> Int[np.ndarray, " t"]:
    """Number of clusters of each of t states, by single linkage at the chord `resolution` > 0.

    Raises:
        InputError: if the resolution is not positive.
    """
    chord = finite_number("resolution", resolution, above=0)
    return np.array([single_linkage(state, chord).max() + 1 for state in points])


def cluster_events(times: Float[np.ndarray, " t"], counts: Int[np.ndarray, " t"]) -> tuple[Event, ...]:
    """Events "k clusters": the first time with k clusters or fewer, for every k up to the number at the start.

    The first of them is at the first of the times. The others lie between two of the times; the interval is
    heuristic because clusters could also have met and parted in between.
    """
    fewest = np.minimum.accumulate(counts)
    start = Event(f"{fewest[0]} clusters", Estimate.exact(times[0]))
    return start, *(
        Event(f"{k} clusters", _between(times[seen - 1], times[seen]))
        for k in range(int(fewest[0]) - 1, int(fewest[-1]) - 1, -1)
        for seen in [int(np.argmax(fewest <= k))]
    )


def time_of_one_cluster(trajectory: Trajectory) -> Estimate:
    """When the tokens were first one cluster: inf with (end, inf) if not yet, NaN if nobody counted clusters."""
    counted = any(event.name.endswith(" clusters") for event in trajectory.events)
    return trajectory.event("1 clusters") if counted else Estimate.exact(np.nan)


def until_one_cluster(trajectory: Trajectory) -> Trajectory:
    """Return the part of a run in which the tokens are not one cluster yet; all of it if nobody counted clusters."""
    met = float(time_of_one_cluster(trajectory).upper)
    return trajectory if math.isinf(met) else trajectory.until(met)


def log_cluster_times(trajectory: Trajectory, numbers: Sequence[int]) -> Estimate:
    """Logs of the first times with k clusters or fewer, one for each k; inf and NaN as for `time_of_one_cluster`.

    Args:
        trajectory: along time, or along log time, where events are at log times.
        numbers: the numbers k.

    Raises:
        InputError: if the trajectory runs along another axis.
    """
    kind = trajectory.axis.kind
    if kind not in (AxisKind.TIME, AxisKind.LOG_TIME):
        raise InputError(f"clusters merge along time or log time, the trajectory runs along {kind}")
    counted = any(event.name.endswith(" clusters") for event in trajectory.events)
    if not counted:
        return Estimate.exact(np.full(len(numbers), np.nan))
    times = [trajectory.event(f"{k} clusters") for k in numbers]
    ends = np.array([(time.value, time.lower, time.upper) for time in times]).reshape(-1, 3).T
    with np.errstate(divide="ignore"):
        value, lower, upper = ends if kind is AxisKind.LOG_TIME else np.log(ends)
    return Estimate.heuristic(value, lower, upper)


def log_meeting_time(trajectory: Trajectory) -> Estimate:
    """Log of the time at which the tokens were first one cluster; see `log_cluster_times`."""
    met = log_cluster_times(trajectory, [1])
    return Estimate.heuristic(*(np.asarray(end)[0] for end in (met.value, met.lower, met.upper)))


def log_merge_times(trajectory: Trajectory) -> Estimate:
    """Logs of the first times with n - 1, ..., 1 clusters; see `log_cluster_times`."""
    n = len(ParticleSystem.expect(trajectory.problem).points)
    return log_cluster_times(trajectory, range(n - 1, 0, -1))


def _between(before: float, after: float) -> Estimate:
    return Estimate.heuristic((before + after) / 2, before, after)
