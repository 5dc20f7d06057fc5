"""Runs of tokens among frozen tokens on the circle."""

from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import SCIPY, assemble, read_times
from fathometer.attention.model.variants._frozen_circle import FrozenCircle
from fathometer.evidence import Trajectory
from fathometer.numerics import in_three_ways, nudged, scipy_solve_at


def simulate_frozen(problem: FrozenCircle, times: ArrayLike) -> Trajectory:
    """Integrate the tokens that move (LSODA, relative tolerance 1e-9).

    Args:
        problem: tokens at time 0.
        times: increasing from 0.

    Returns:
        A trajectory along time with states "angles", shape (t, n).

    Raises:
        InputError: if the times do not start at 0.
    """
    axis = read_times(times)

    def run(tolerance: float, nudge: float) -> Trajectory:
        start = nudged(problem.angles, nudge)
        angles = scipy_solve_at(axis.points, lambda t, x: problem.velocities(x), start, tolerance)
        angles[0] = problem.angles
        return assemble(problem, axis, {"angles": angles}, SCIPY)

    return in_three_ways(run, 1e-9, "angles")
