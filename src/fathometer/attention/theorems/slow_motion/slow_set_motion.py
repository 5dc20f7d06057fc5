"""Along the slow set, states only move as fast as the energy changes within it."""

import numpy as np

from fathometer.attention.dynamics._ascent_path import AscentPath, collapsed, exactly, rise_to_slow_set, slow_slope
from fathometer.attention.model._references import SLOW_MOTION
from fathometer.attention.theorems.slow_motion.slow_set_attracts import INEQUALITIES, kappa
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

SPEED = 340.0
"""Derived constant 2 (sqrt 2 + sqrt 3) 53 + 3, rounded up: f stays below 53 delta / sqrt(kappa)."""


def distance_moved(trajectory: Trajectory) -> Estimate:
    """|v(t) - v(0)| of the points of the slow set next to the states."""
    path = AscentPath.expect(trajectory.problem)
    places = collapsed(path, trajectory.states["angles"])
    moved = np.linalg.norm(places - places[0], axis=1)
    return Estimate.heuristic(moved, np.maximum(moved - 1e-9, 0.0), moved + 1e-9, along=exactly(moved, path).along)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 340 (1 + kappa t) delta / kappa.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the motion is a statement along time; the measurement has no axis")
    rate, slope = float(kappa(problem).value), slow_slope(AscentPath.expect(problem))
    return AtMost(SPEED * (1 + rate * axis.points) * slope / rate + 2e-9)


def _room_after_transient(problem: Problem) -> Estimate:
    path = AscentPath.expect(problem)
    start = np.sqrt(max(0.0, rise_to_slow_set(path, path.angles[:1])[0]))
    return Estimate.exact(27 * slow_slope(path) / np.sqrt(float(kappa(problem).value)) - start)


THEOREM = Theorem(
    id="slow_set_motion",
    theory="attention",
    title="Slow motion along the slow set",
    statement="With kappa and delta as for the attraction to the slow set, from a time on at which"
    " sqrt(E(v) - E(u)) <= 27 delta / sqrt(kappa), |v(t) - v(0)| <= 340 (1 + kappa t) delta / kappa.",
    source=Source(SLOW_MOTION, "slow motion along the slow manifold", "Derived with explicit constants."),
    hypotheses=(INEQUALITIES, Hypothesis("after the transient (room)", AtLeast(0.0), _room_after_transient)),
    quantity=distance_moved,
    predict=predict,
)
