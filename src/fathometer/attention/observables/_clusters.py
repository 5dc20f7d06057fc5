"""How many clusters there are, and when their number falls."""

import math

import numpy as np
from jaxtyping import Float, Int

from fathometer.evidence import Estimate, Event, Trajectory, finite_number
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


def _between(before: float, after: float) -> Estimate:
    return Estimate.heuristic((before + after) / 2, before, after)
