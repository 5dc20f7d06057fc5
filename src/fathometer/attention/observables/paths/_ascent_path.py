"""What can be measured along a path of steepest ascent: rises, slopes, and the slow set next to it."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.attention.model._ascent_path import AscentPath, energy_gradient
from fathometer.evidence import Axis, AxisKind, Estimate, Trajectory

Path = Float[np.ndarray, "t n"]

_ERROR = 1e-8
_DISTANCE_ERROR = 1e-9


def path_deficits(path: AscentPath, angles: Path) -> Float[np.ndarray, " t"]:
    """1/(2 beta) - E for each state, with all digits next to a single cluster."""
    return _mean_over_pairs(angles, lambda gaps: -np.expm1(-path.beta * gaps)) / (2 * path.beta)


def collapsed(path: AscentPath, angles: Path) -> Path:
    """The point of the slow set next to each state: every cluster at the mean of its angles."""
    same = path.members[:, None] == path.members
    return angles @ (same / np.sum(same, axis=1, keepdims=True)).T


def rise_to_slow_set(path: AscentPath, angles: Path) -> Float[np.ndarray, " t"]:
    """E(v) - E(u) from each state u to its point v of the slow set, clusters with all their digits."""
    same, ends = path.members[:, None] == path.members, collapsed(path, angles)
    inside = _mean_over_pairs(angles, lambda gaps: np.where(same, -np.expm1(-path.beta * gaps), 0.0))
    before, after = (
        _mean_over_pairs(x, lambda gaps: np.where(same, 0.0, np.exp(-path.beta * gaps))) for x in (angles, ends)
    )
    return (inside + after - before) / (2 * path.beta)


def rise_to_end(trajectory: Trajectory) -> Estimate:
    """E at the end of the path less E at each state."""
    path = AscentPath.expect(trajectory.problem)
    deficits = path_deficits(path, trajectory.states["angles"])
    return exactly(deficits - deficits[-1], path)


def square_distance_to_end(trajectory: Trajectory) -> Estimate:
    """|u - v|^2 from each state u to the end v of the path."""
    angles = trajectory.states["angles"]
    return exactly(np.sum((angles - angles[-1]) ** 2, axis=1), AscentPath.expect(trajectory.problem))


def log_growth_of_slope(trajectory: Trajectory) -> Estimate:
    """Log of |grad E|^2 relative to the start; unknown where the slope is 0."""
    path = AscentPath.expect(trajectory.problem)
    slopes = np.sum(energy_gradient(trajectory.states["angles"], path.beta) ** 2, axis=1)
    growth = np.log(np.where(slopes > 0, slopes, np.nan))
    growth = growth - growth[0]
    return Estimate.heuristic(growth, growth - _ERROR, growth + _ERROR, along=trajectory.axis)


def root_rise(trajectory: Trajectory) -> Estimate:
    """Square root of E(v) - E(u) for each state u and its point v of the slow set."""
    path = AscentPath.expect(trajectory.problem)
    return exactly(np.sqrt(np.maximum(rise_to_slow_set(path, trajectory.states["angles"]), 0.0)), path)


def distance_moved(trajectory: Trajectory) -> Estimate:
    """|v(t) - v(0)| of the points of the slow set next to the states."""
    path = AscentPath.expect(trajectory.problem)
    places = collapsed(path, trajectory.states["angles"])
    moved = np.linalg.norm(places - places[0], axis=1)
    lower = np.maximum(moved - _DISTANCE_ERROR, 0.0)
    return Estimate.heuristic(moved, lower, moved + _DISTANCE_ERROR, along=Axis(AxisKind.TIME, path.times))


def exactly(values: ArrayLike, path: AscentPath, error: float = 1e-9) -> Estimate:
    """An estimate along the path, with the error that the solver leaves.

    Args:
        values: one for each state.
        path: with the times of the states.
        error: relative, >= 0.
    """
    computed = np.asarray(values, np.float64)
    room = error * np.abs(computed)
    return Estimate.heuristic(computed, computed - room, computed + room, along=Axis(AxisKind.TIME, path.times))


def _mean_over_pairs(
    angles: Path, term: Callable[[Float[np.ndarray, "t n n"]], Float[np.ndarray, "t n n"]]
) -> Float[np.ndarray, " t"]:
    gaps = 2 * np.sin((angles[..., :, None] - angles[..., None, :]) / 2) ** 2
    return np.mean(term(gaps), axis=(-2, -1))
