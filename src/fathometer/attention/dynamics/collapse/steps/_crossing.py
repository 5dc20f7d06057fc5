"""Inside a step: when two clusters pass a distance, and where all are at a time."""

import math
from functools import partial

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import brentq

from fathometer.attention.dynamics.collapse._cloud import Cloud, close_pairs
from fathometer.attention.dynamics.collapse.steps._compiled_loop import Outcome
from fathometer.attention.dynamics.collapse.steps._step import course_of, passed_time, powers

Pair = Int[np.ndarray, "2"]
Crossing = tuple[float, float, Pair]
"""Share of the step, log of the time, and the two slots."""


def crossings(outcome: Outcome, numbers: Int[np.ndarray, " c"], cloud: Cloud, chord: float) -> list[Crossing]:
    """Pairs of different groups that come within a distance during the step that was tried, in order.

    By the interpolant of the step: errors are about ten times those of the step.

    Args:
        outcome: steps that ended at an event.
        numbers: cluster in every slot, -1 where there is none.
        cloud: the clusters.
        chord: the distance.
    """
    present = np.flatnonzero(numbers >= 0)
    pairs = present[close_pairs(outcome.end_points[present], chord)]
    groups = cloud.groups(numbers[pairs])
    pairs = pairs[groups[:, 0] != groups[:, 1]]
    courses = (course_of(outcome.slopes, outcome.points, outcome.length, slots) for slots in pairs.T)
    shares = np.array([*map(partial(_share, chord), *_products(*courses))])
    log_passed = np.log(np.maximum(passed_time(shares, outcome.pace, outcome.length), 1e-300))
    log_times = np.logaddexp(outcome.log_time, log_passed - outcome.log_speed)
    order = np.argsort(shares, kind="stable")
    return [(float(shares[i]), float(log_times[i]), pairs[i]) for i in order]


_DEGREES = np.eye(9)[np.add.outer(np.arange(5), np.arange(5)).ravel()]
"""Adds up the products of coefficients i and j, row 5 i + j, into the coefficient i + j."""


def _products(first: Float[np.ndarray, "p d 5"], second: Float[np.ndarray, "p d 5"]) -> list[list[list[float]]]:
    """Coefficients of |x|^2, |y|^2 and |x - y|^2 along the courses x and y, highest power first."""
    squares = (course.transpose(0, 2, 1) @ course for course in (first, second, first - second))
    return [(square.reshape(-1, 25) @ _DEGREES)[:, ::-1].tolist() for square in squares]


def _share(chord: float, one: list[float], other: list[float], between: list[float]) -> float:
    """Share of the step at which the points, once normalised, come within the distance, or else the end nearer to that.

    By |x/|x| - y/|y||^2 |x| |y| = |x - y|^2 - (|x| - |y|)^2.
    """

    def excess(share: float) -> float:
        left, right = math.sqrt(_value(one, share)), math.sqrt(_value(other, share))
        return math.sqrt(max(_value(between, share) - (left - right) ** 2, 0.0) / (left * right)) - chord

    if excess(0.0) <= 0:
        return 0.0
    return 1.0 if excess(1.0) > 0 else float(brentq(excess, 0.0, 1.0, xtol=1e-14))  # type: ignore[arg-type]


def _value(coefficients: list[float], at: float) -> float:
    total = 0.0
    for coefficient in coefficients:
        total = total * at + coefficient
    return total


def places_within(outcome: Outcome, log_time: float) -> Float[np.ndarray, "c d"]:
    """Where the slots are at a time inside the step that was tried, by its interpolant.

    Args:
        outcome: steps that ended at a horizon, the last of them tried and not kept.
        log_time: log of the time, between those of its last state and of the end of the step that was tried.
    """
    share = _share_at(outcome, log_time)
    course = course_of(outcome.slopes, outcome.points, outcome.length, np.arange(len(outcome.points)))
    points = course @ powers(np.array([share]))[0]
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def _share_at(outcome: Outcome, log_time: float) -> float:
    """Share of the step at a time; the nearer end where rounding puts it outside."""
    behind = float(outcome.log_time) - log_time
    if behind >= 0:
        return 0.0
    goal = math.exp(log_time + math.log(-math.expm1(behind)) + float(outcome.log_speed))

    def excess(share: float) -> float:
        return float(passed_time(np.array([share]), outcome.pace, outcome.length)[0]) - goal

    return 1.0 if excess(1.0) <= 0 else float(brentq(excess, 0.0, 1.0, xtol=1e-14))  # type: ignore[arg-type]


def nearby_crossing(there: Outcome, slots: Pair, chord: float) -> float:
    """Log of the time at which two clusters pass a distance that they have all but reached: one Newton step.

    Args:
        there: one step that ends near the crossing.
        slots: the two clusters.
        chord: the distance, above 0.
    """
    first, second = slots
    apart = there.points[first] - there.points[second]
    still = np.zeros(len(apart))
    drift, other = (there.direction[slot] if slot < len(there.direction) else still for slot in slots)
    distance = math.sqrt(apart @ apart)
    approach = float(apart @ (other - drift)) / distance
    shift = (distance - chord) / approach if approach > 0 else 0.0
    log_shift = math.log(abs(shift) + 1e-300) - there.log_speed - there.log_time
    return float(there.log_time + math.log1p(math.copysign(math.exp(min(log_shift, -1e-3)), shift)))
