"""Flows that are integrated in plain time, from 0 on, with an explicit method of order 8."""

from collections.abc import Callable
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._clock import State, square
from fathometer.evidence import Axis, AxisKind, InputError, finite_array
from fathometer.numerics import Solved, solve_at

_MOST_STEPS = 2**20


def times_from_zero(times: ArrayLike) -> Axis:
    """Read times: from 0 on, strictly increasing, at least two.

    Raises:
        InputError: if they are others.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1))
    if len(axis) < 2 or axis.points[0] != 0:
        raise InputError("times must begin at 0 and be at least two")
    return axis


def solve_precisely(
    times: Float[Array, " T"],
    field: Callable[[Any, State, Any], State],
    start: State,
    tolerance: Float[Array, ""],
    *,
    data: Any,
) -> Solved:
    """Integrate with errors of a step relative to every number, or to the norm of the start if that is larger.

    Args:
        times: where states are kept, from 0 on, shape (T,).
        field: velocity as a function of time, state and data.
        start: state at time 0, arrays in any nesting.
        tolerance: relative error of a step.
        data: handed to the field.
    """
    scale = jnp.sqrt(square(start))
    control = diffrax.PIDController(rtol=tolerance, atol=tolerance * scale)
    return solve_at(times, field, start, control, most_steps=_MOST_STEPS, data=data, solver=diffrax.Dopri8())


def states_of(solved: Solved) -> State:
    """The states of an integration that came to its end.

    Raises:
        InputError: if it did not.
    """
    if not bool(np.asarray(solved.done)):
        raise InputError(f"times must end before {float(solved.reached):.6g}: {_MOST_STEPS} steps come no further")
    return jax.tree.map(np.asarray, solved.states)
