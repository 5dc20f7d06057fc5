"""When two clusters pass a distance, inside a step."""

import math

import numpy as np
from jaxtyping import Int
from scipy.optimize import brentq

from fathometer.attention.collapse._cloud import Cloud, close_pairs
from fathometer.attention.collapse._glide import Glide
from fathometer.attention.collapse._step import course_of, passed_time, powers

Pair = Int[np.ndarray, "2"]
Crossing = tuple[float, float, Pair]
"""Share of the step, log of the time, and the two slots."""


def crossings(found: Glide, numbers: Int[np.ndarray, " c"], cloud: Cloud, chord: float) -> list[Crossing]:
    """Pairs of different groups that come within a distance during the step that was tried, in order.

    By the interpolant of the step: errors are about ten times those of the step.

    Args:
        found: steps that ended at an event.
        numbers: cluster in every slot, -1 where there is none.
        cloud: the clusters.
        chord: the distance.
    """
    end, present = np.asarray(found.trial.end.points), np.flatnonzero(numbers >= 0)
    pairs = present[close_pairs(end[present], chord)]
    groups = cloud.groups(numbers[pairs])
    met = [_crossing(found, slots, chord) for slots in pairs[groups[:, 0] != groups[:, 1]]]
    return sorted(met, key=lambda one: one[0])


def _crossing(found: Glide, slots: Pair, chord: float) -> Crossing:
    length, slopes = float(found.length), np.asarray(found.trial.slopes)
    begin, still = np.asarray(found.state.points)[slots], np.zeros((len(slopes), slopes.shape[2]))
    course = course_of([slopes[:, i] if i < slopes.shape[1] else still for i in slots], begin, length)

    def excess(share: float) -> float:
        first, second = course @ powers(share)
        apart = first / math.sqrt(first @ first) - second / math.sqrt(second @ second)
        return math.sqrt(apart @ apart) - chord

    inside, beyond = excess(0.0) <= 0, excess(1.0) > 0
    share = 0.0 if inside else 1.0 if beyond else float(brentq(excess, 0.0, 1.0, xtol=1e-15))  # type: ignore[arg-type]
    passed = passed_time(share, np.asarray(found.trial.pace), length)
    log_passed = math.log(max(passed, 1e-300)) - float(found.state.force.log_speed)
    return share, float(np.logaddexp(float(found.state.log_time), log_passed)), slots


def nearby_crossing(there: Glide, slots: Pair, chord: float) -> float:
    """Log of the time at which two clusters pass a distance that they have all but reached: one Newton step."""
    points, force = np.asarray(there.state.points), there.state.force
    direction = np.zeros_like(points)
    direction[: len(force.direction)] = force.direction
    apart = points[slots[0]] - points[slots[1]]
    distance = float(np.linalg.norm(apart))
    approach = float(-(apart @ (direction[slots[0]] - direction[slots[1]])) / distance)
    shift = (distance - chord) / approach if approach > 0 else 0.0
    log_shift = np.log(abs(shift) + 1e-300) - float(force.log_speed) - float(there.state.log_time)
    return float(there.state.log_time) + float(np.log1p(np.sign(shift) * np.exp(min(log_shift, -1e-3))))
