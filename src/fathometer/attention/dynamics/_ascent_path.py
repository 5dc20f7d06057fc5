"""Steepest ascent of the energy on the circle."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import SCIPY, assemble, read_times
from fathometer.attention.model._ascent_path import AscentPath, energy_gradient
from fathometer.evidence import Trajectory, finite_array, finite_number
from fathometer.numerics import in_three_ways, nudged, scipy_solve_at


def follow_ascent(angles: ArrayLike, beta: float, times: ArrayLike, members: ArrayLike | None = None) -> Trajectory:
    """Climb the energy from the angles (DOP853, relative tolerance 1e-11).

    Args:
        angles: shape (n,), in radians.
        beta: inverse temperature, > 0.
        times: increasing from 0.
        members: as for `AscentPath`.

    Returns:
        A trajectory along time with states "angles"; its problem is the path itself.

    Raises:
        InputError: if a value is not as above.
    """
    start, axis = finite_array("angles", angles, ndim=1), read_times(times, "time of steepest ascent")
    beta = finite_number("beta", beta, above=0)
    given = () if members is None else (finite_array("members", members, ndim=1),)

    def climb(t: float, x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        return energy_gradient(x, beta)

    def run(tolerance: float, nudge: float) -> Trajectory:
        climbed = scipy_solve_at(axis.points, climb, nudged(start, nudge), tolerance, method="DOP853")
        climbed[0] = start
        path = AscentPath(climbed, axis.points, beta, *given)
        return assemble(path, axis, {"angles": path.angles}, SCIPY)

    return in_three_ways(run, 1e-11, "angles", apart=True)
