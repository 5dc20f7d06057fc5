"""Isolated pairs: two clusters that feel only each other run by the clock of two bodies, without steps."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from fathometer.attention.dynamics.collapse._cloud import Cloud
from fathometer.attention.model._system import Model
from fathometer.attention.predictions._closed_forms import two_cluster_log_time, two_cluster_merge_fraction


class PairClock:
    """Two clusters on their own great circle.

    Attributes:
        pair: their numbers.
        log_start: log of the time since which the clock runs.
        log_event: log of the time at which they reach the event chord; None if they were within it.
        log_merger: log of the time at which they reach the merge chord.
        doubt: share of their motion that is due to others, an error of the logs.
    """

    def __init__(
        self,
        cloud: Cloud,
        pair: tuple[int, int],
        log_start: float,
        beta: float,
        model: Model,
        event_chord: float,
        merge_chord: float,
        doubt: float = 0.0,
    ) -> None:
        self.pair, self.log_start, self.doubt, self._beta, self._model = pair, log_start, doubt, beta, model
        self._ends = cloud.points[list(pair)]
        self._masses = tuple(np.exp(cloud.log_masses[list(pair)]))
        self._gap = angle_between(*self._ends)
        event = angle(event_chord)
        self.log_event = float(np.logaddexp(log_start, self._log_time_to(event))) if self._gap > event else None
        self.log_merger = float(np.logaddexp(log_start, self._log_time_to(angle(merge_chord))))

    def meeting_point(self) -> Float[np.ndarray, " d"]:
        """Where they merge."""
        return self._slide(self._gap * self._fraction(self._gap))

    def positions(self, log_time: float) -> Float[np.ndarray, "2 d"]:
        """Where they are at a time at or after their start."""
        gap = self._gap_at(log_time)
        first = self._gap * self._fraction(self._gap) - gap * self._fraction(gap)
        return np.stack([self._slide(first), self._slide(first + gap)])

    def _gap_at(self, log_time: float) -> float:
        if log_time <= self.log_start:
            return self._gap
        goal = log_time + np.log(-np.expm1(self.log_start - log_time))
        least = -30.0  # the share of the gap that is closed, in log

        def excess(log_share: float) -> float:
            return self._log_time_to(self._gap * -np.expm1(log_share)) - goal

        if excess(least) >= 0:
            return self._gap
        log_share = float(brentq(excess, least, -1e-12, xtol=1e-12))  # type: ignore[arg-type]
        return float(self._gap * -np.expm1(log_share))

    def _fraction(self, gap: float) -> float:
        return float(two_cluster_merge_fraction(gap, self._beta, self._masses, self._model).value)  # type: ignore[arg-type]

    def _log_time_to(self, gap: float) -> float:
        return float(two_cluster_log_time(self._gap, gap, self._beta, self._masses, self._model).value)  # type: ignore[arg-type]

    def _slide(self, travelled: float) -> Float[np.ndarray, " d"]:
        """Point of the great circle at an angle from the first cluster towards the second."""
        first, second = self._ends
        across = second - first
        tangent = across - (across @ first) * first
        return np.cos(travelled) * first + np.sin(travelled) * tangent / np.linalg.norm(tangent)


def angle(chord: float) -> float:
    """Angle between two points of the sphere at a distance."""
    return float(2 * np.arcsin(min(chord / 2, 1.0)))


def angle_between(first: Float[np.ndarray, " d"], second: Float[np.ndarray, " d"]) -> float:
    """Angle between two points of the sphere, to rounding also where they are almost opposite."""
    return float(2 * np.arctan2(np.linalg.norm(first - second), np.linalg.norm(first + second)))


def log_closing_rate(cloud: Cloud, pair: tuple[int, int], beta: float, model: Model) -> float:
    """Log of the rate at which the angle between two isolated clusters falls.

    Args:
        cloud: the clusters.
        pair: numbers of the two, at different places.
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """
    chord = float(np.linalg.norm(cloud.points[pair[0]] - cloud.points[pair[1]]))
    gap, (first, second) = chord**2 / 2, cloud.log_masses[list(pair)]
    log_weight = -beta * gap
    log_pull = log_weight + np.log(chord * np.sqrt(max(1 - gap / 2, 1e-300)))
    if model is Model.USA:
        return float(log_pull + np.logaddexp(first, second))
    ratios = second - np.logaddexp(first, second + log_weight), first - np.logaddexp(second, first + log_weight)
    return float(log_pull + np.logaddexp(*ratios))
