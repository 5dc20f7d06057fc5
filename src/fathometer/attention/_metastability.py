"""Dynamic metastability: what the main theorem asks of tokens in caps, and how its conclusions are measured."""

import sys
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from fathometer.attention._caps import cap_deficits, cap_widths
from fathometer.attention._separated_cloud import SeparatedCloud, expect_separated_cloud
from fathometer.attention._simulate import simulate
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Trajectory,
)

DISTANCE_ERROR = 1e-8
"""Error of a distance in a simulated cluster at the loosest tolerance, heuristic: what is seen is below 1e-9."""

_POSITIVE = sys.float_info.min


def simulate_cloud(cloud: SeparatedCloud, times: Float[np.ndarray, " t"], *, tolerance: float = 1e-8) -> Trajectory:
    """Follow the tokens of a cloud, as `simulate` does; the trajectory's problem is the cloud."""
    return replace(simulate(cloud.system, times, tolerance=tolerance), problem=cloud)


def axis_times(axis: Axis | None) -> Float[np.ndarray, " t"]:
    """Natural logarithms of the times of a measurement; -inf for time 0.

    Raises:
        InputError: if the measurement does not run along time or log-time.
    """
    if axis is None or axis.kind not in (AxisKind.TIME, AxisKind.LOG_TIME):
        raise InputError("this is a statement along time; the measurement has no such axis")
    with np.errstate(divide="ignore"):
        return axis.points if axis.kind is AxisKind.LOG_TIME else np.log(axis.points)


def expect_angles(trajectory: Trajectory) -> Float[np.ndarray, "t n"]:
    """Angles of the tokens of a trajectory on the circle, in (-pi, pi]."""
    points = trajectory.states["points"]
    return np.arctan2(points[..., 1], points[..., 0])


def deficits(trajectory: Trajectory) -> Float[np.ndarray, "t n"]:
    """1 - <x_i, w> for every state and token, with w the centre that was nearest at time 0."""
    cloud = expect_separated_cloud(trajectory.problem)
    return cap_deficits(trajectory.states["points"], cloud.centres[cloud.members])


def widths(trajectory: Trajectory) -> Float[np.ndarray, " t"]:
    """Largest distance between two tokens of one cap, for every state."""
    cloud = expect_separated_cloud(trajectory.problem)
    return np.max(cap_widths(trajectory.states["points"], cloud.members, len(cloud.centres)), axis=1)


def entry_time(trajectory: Trajectory, error: float = DISTANCE_ERROR) -> Estimate:
    """When the widths have fallen to sqrt(2) exp(-lambda beta / 2) to stay there up to T_2.

    The first saved time, with heuristic bars; inf with (end, inf) if it is not seen. A run that ends before T_1 sees
    nothing of what is promised, and leaves the upper end open.

    Args:
        trajectory: along time, with states "points"; its problem is a `SeparatedCloud`.
        error: of a distance.
    """
    cloud = expect_separated_cloud(trajectory.problem)
    log_times = axis_times(trajectory.axis)
    log_times = log_times[log_times <= cloud.log_exit_time.value]
    if log_times.size == 0 or log_times[-1] < cloud.log_time_to_slow_manifold.value:
        error = np.inf
    found, limit = widths(trajectory)[: len(log_times)], np.exp(cloud.log_width_square / 2)
    with np.errstate(over="ignore"):
        times = np.append(np.exp(log_times), np.inf)
    possible, seen, sure = (settled(found + shift, limit) for shift in (-error, 0.0, error))
    return Estimate.heuristic(times[seen], times[max(0, possible - 1)] if possible else 0.0, times[sure])


def settled(values: Float[np.ndarray, " t"], limit: float) -> int:
    """Index from which on no value is above the limit; the length if there is none."""
    above = np.flatnonzero(values > limit)
    return int(above[-1]) + 1 if above.size else 0


def _number(problem: Problem) -> Estimate:
    return Estimate.exact(len(expect_separated_cloud(problem).system.points))


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(expect_separated_cloud(problem).system.beta)


def _epsilon(problem: Problem) -> Estimate:
    return Estimate.exact(expect_separated_cloud(problem).epsilon)


def _unequal_masses(problem: Problem) -> Estimate:
    masses = expect_separated_cloud(problem).system.masses
    return Estimate.exact(np.max(np.abs(len(masses) * masses - 1)))


def _room_in_caps(problem: Problem) -> Estimate:
    cloud = expect_separated_cloud(problem)
    return Estimate.exact(cloud.epsilon - np.max(cap_deficits(cloud.system.points, cloud.centres[cloud.members])))


def _gamma(problem: Problem) -> Estimate:
    return expect_separated_cloud(problem).gamma


def _rate(problem: Problem) -> Estimate:
    return Estimate.exact(expect_separated_cloud(problem).rate)


def _room_for_rate(problem: Problem) -> Estimate:
    cloud = expect_separated_cloud(problem)
    return Estimate.exact(min(cloud.largest_rates) - cloud.rate)


TOKENS_IN_CAPS = (
    Hypothesis("at least two tokens", AtLeast(2, domain=(1, None)), _number),
    Hypothesis("equal masses (relative deviation)", AtMost(1e-9, domain=(0, None)), _unequal_masses),
    Hypothesis("every token in a cap S_q(eps) (room)", AtLeast(-1e-15), _room_in_caps),
)
SEPARATED = (
    *TOKENS_IN_CAPS,
    Hypothesis("beta > 1", AtLeast(1 + 1e-12, domain=(0, None)), _beta),
    Hypothesis("eps < 1/16", AtMost(np.nextafter(1 / 16, 0), domain=(0, 1)), _epsilon),
    Hypothesis("separated: gamma > 0", AtLeast(_POSITIVE), _gamma),
)
ADMISSIBLE_RATE = (
    Hypothesis("a decay rate lambda > 0", AtLeast(_POSITIVE), _rate),
    Hypothesis("lambda below L_1 and L_2 (room)", AtLeast(_POSITIVE), _room_for_rate),
)
