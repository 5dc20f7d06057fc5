"""How tight and how deep the caps are along a trajectory, and from when on."""

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.model.caps._geometry import cap_deficits, cap_widths
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Trajectory,
)

DISTANCE_ERROR = 1e-8
"""Error of a distance in a simulated cluster at the loosest tolerance, heuristic: what is seen is below 1e-9."""


def axis_times(axis: Axis | None) -> Float[np.ndarray, " t"]:
    """Natural logarithms of the times of a measurement; -inf for time 0.

    Raises:
        InputError: if the measurement does not run along time or log-time.
    """
    if axis is None or axis.kind not in (AxisKind.TIME, AxisKind.LOG_TIME):
        raise InputError("this is a statement along time; the measurement has no such axis")
    with np.errstate(divide="ignore"):
        return axis.points if axis.kind is AxisKind.LOG_TIME else np.log(axis.points)


def before_exit(cloud: SeparatedCloud, axis: Axis | None) -> Bool[np.ndarray, "*t"]:
    """Whether each time is at most T_2; true on any other axis, whose states are taken to be such as before it."""
    if axis is None or axis.kind not in (AxisKind.TIME, AxisKind.LOG_TIME):
        return np.array(True)
    return axis_times(axis) <= cloud.log_exit_time.value


def expect_angles(trajectory: Trajectory) -> Float[np.ndarray, "t n"]:
    """Angles of the tokens of a trajectory on the circle, in (-pi, pi]."""
    points = trajectory.states["points"]
    return np.arctan2(points[..., 1], points[..., 0])


def deficits(trajectory: Trajectory) -> Float[np.ndarray, "t n"]:
    """1 - <x_i, w> for every state and token, with w the centre that was nearest at time 0."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    return cap_deficits(trajectory.states["points"], cloud.centres[cloud.members])


def widths(trajectory: Trajectory) -> Float[np.ndarray, " t"]:
    """Largest distance between two tokens of one cap, for every state."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    return np.max(cap_widths(trajectory.states["points"], cloud.members, len(cloud.centres)), axis=1)


def deepest(trajectory: Trajectory) -> Estimate:
    """Largest 1 - <x_i(t), w> over the tokens, with w the centre of the cap where the token began."""
    worst = np.max(deficits(trajectory), axis=1)
    error = np.sqrt(2 * worst) * DISTANCE_ERROR
    return Estimate.heuristic(worst, np.maximum(worst - error, 0), worst + error, along=trajectory.axis)


def largest_width(trajectory: Trajectory) -> Estimate:
    """Largest distance between two tokens of one cap, for every state, with its error."""
    seen = widths(trajectory)
    return Estimate.heuristic(seen, np.maximum(seen - DISTANCE_ERROR, 0), seen + DISTANCE_ERROR, along=trajectory.axis)


def initial_width(cloud: SeparatedCloud) -> float:
    """Largest distance between two tokens of one cap at time 0."""
    return float(np.max(cap_widths(cloud.system.points[None], cloud.members, len(cloud.centres))))


def entry_time(trajectory: Trajectory, error: float = DISTANCE_ERROR) -> Estimate:
    """When the widths have fallen to sqrt(2) exp(-lambda beta / 2) to stay there up to T_2.

    The first saved time, with heuristic bars; inf with (end, inf) if it is not seen. A run that ends before T_1 sees
    nothing of what is promised, and leaves the upper end open.

    Args:
        trajectory: along time, with states "points"; its problem is a `SeparatedCloud`.
        error: of a distance.
    """
    cloud = SeparatedCloud.expect(trajectory.problem)
    log_times = axis_times(trajectory.axis)
    log_times = log_times[log_times <= cloud.log_exit_time.value]
    if log_times.size == 0 or log_times[-1] < cloud.log_time_to_slow_manifold.value:
        error = np.inf
    seen_widths, limit = widths(trajectory)[: len(log_times)], np.exp(cloud.log_width_square / 2)
    with np.errstate(over="ignore"):
        times = np.append(np.exp(log_times), np.inf)
    possible, seen, sure = (settled(seen_widths + shift, limit) for shift in (-error, 0.0, error))
    return Estimate.heuristic(times[seen], times[max(0, possible - 1)] if possible else 0.0, times[sure])


def settled(values: Float[np.ndarray, " t"], limit: float) -> int:
    """Index from which on no value is above the limit; the length if there is none."""
    above = np.flatnonzero(values > limit)
    return int(above[-1]) + 1 if above.size else 0
