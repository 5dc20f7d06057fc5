"""Differential equations with SciPy, for a few numbers and a field in NumPy, without compilation."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.integrate import solve_ivp

from fathometer.evidence import InputError

Method = Literal["LSODA", "DOP853"]
Speed = Callable[[float, Float[np.ndarray, "*shape"]], Float[np.ndarray, "*shape"]]
"""From the time and the state to its velocity."""


def scipy_solve_at(
    times: Float[np.ndarray, " t"],
    speed: Speed,
    start: Float[np.ndarray, "*shape"],
    tolerance: float,
    *,
    absolute: float | None = None,
    method: Method = "LSODA",
) -> Float[np.ndarray, "t *shape"]:
    """Integrate from time 0 and return the states at some times, which are interpolated between steps.

    Args:
        times: shape (t,), increasing, from 0 on.
        speed: velocity as a function of time and state.
        start: state at time 0, of any shape.
        tolerance: error that a step may make in a number, in units of it.
        absolute: error that it may make besides; a thousandth of the tolerance when not given.
        method: LSODA, which also takes stiff equations, or DOP853, explicit of order 8.

    Raises:
        InputError: if the method does not reach the last time.
    """
    end = float(times[-1])
    if end == 0:
        return np.stack([start] * len(times))
    small = 1e-3 * tolerance if absolute is None else absolute
    flat = _flat(speed, start.shape)
    solution = solve_ivp(flat, (0.0, end), start.ravel(), method, times, rtol=tolerance, atol=small)
    if not solution.success:
        raise InputError(f"times must end before {end:g}: {solution.message}")
    return solution.y.T.reshape(len(times), *start.shape)


def scipy_solve_until(
    event: Callable[[float, Float[np.ndarray, "*shape"]], float],
    speed: Speed,
    start: Float[np.ndarray, "*shape"],
    tolerance: float,
    *,
    latest: float,
    absolute: float | None = None,
    method: Method = "LSODA",
) -> tuple[float, Float[np.ndarray, "*shape"]]:
    """Integrate from time 0 until a function of time and state is zero, and return time and state there.

    Args:
        event: the function; of one sign before its zero.
        speed: as for `scipy_solve_at`.
        start: as for `scipy_solve_at`.
        tolerance: as for `scipy_solve_at`.
        latest: last time at which the zero is looked for.
        absolute: as for `scipy_solve_at`.
        method: as for `scipy_solve_at`.

    Raises:
        InputError: if there is no zero until then.
    """

    def ends(t: float, row: Float[np.ndarray, " m"]) -> float:
        return event(t, row.reshape(start.shape))

    ends.terminal = True  # type: ignore[attr-defined]
    small = 1e-3 * tolerance if absolute is None else absolute
    flat = _flat(speed, start.shape)
    solution = solve_ivp(flat, (0.0, latest), start.ravel(), method, events=ends, rtol=tolerance, atol=small)
    if solution.status != 1:
        raise InputError(f"nothing ended the integration until {latest:g}: {solution.message}")
    return float(solution.t[-1]), solution.y[:, -1].reshape(start.shape)


def _flat(speed: Speed, shape: tuple[int, ...]) -> Speed:
    """The same for a state that is one row."""
    return lambda t, row: speed(t, row.reshape(shape)).ravel()
