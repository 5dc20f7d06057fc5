"""Steepest ascent of the energy on the circle."""

from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp

from fathometer.attention.model._ascent_path import AscentPath, energy_gradient
from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
)
from fathometer.numerics import in_three_ways, nudged


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
    start, ages = finite_array("angles", angles, ndim=1), finite_array("times", times, ndim=1)
    beta = finite_number("beta", beta, above=0)
    if ages[0] != 0:
        raise InputError(f"times must start at 0, got {ages[0]:g}")
    given = () if members is None else (finite_array("members", members, ndim=1),)
    axis = Axis(AxisKind.TIME, ages, "time of steepest ascent")
    provenance = Provenance.here(packages=("fathometer", "numpy", "scipy"))

    def run(tolerance: float, nudge: float) -> Trajectory:
        first, small = nudged(start, nudge), 1e-3 * tolerance
        solution = solve_ivp(
            lambda t, x: energy_gradient(x, beta), (0, ages[-1]), first, "DOP853", ages, rtol=tolerance, atol=small
        )
        solution.y[:, 0] = start
        path = AscentPath(solution.y.T, ages, beta, *given)
        return Trajectory(path, axis, {"angles": path.angles}, Origin.SIMULATED, provenance=provenance)

    return in_three_ways(run, 1e-11, "angles", apart=True)
