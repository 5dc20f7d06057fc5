"""Predicted paths of the product, with room for the integrator in the state and in time."""

import numpy as np
from jaxtyping import Float

from fathometer.deep_linear.observables._layer_observables import PRODUCT
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Trajectory, Within

_STATE = 1e-7
_TIME = 1e-7


def product_path(trajectory: Trajectory) -> Estimate:
    """The product w along the trajectory, shape (T, d).

    Raises:
        InputError: if it is no state and the weights were not stored.
    """
    return trajectory.observe(PRODUCT)


def times_of(axis: Axis | None) -> Float[np.ndarray, " T"]:
    """The times of a measurement.

    Raises:
        InputError: if it does not run along time.
    """
    if axis is None or axis.kind is not AxisKind.TIME:
        raise InputError("a path is predicted along time")
    return axis.points


def around(
    path: Float[np.ndarray, "T n"], velocity: Float[np.ndarray, "T n"], times: Float[np.ndarray, " T"], scale: float
) -> Within:
    """Within 1e-7 of the scale, and as far as the path moves in 1e-7 of the time; anything once the path has ended.

    Args:
        path: predicted states, perhaps fewer than there are times.
        velocity: of the path.
        times: of the measurement, at least 0.
        scale: natural size of the states, positive.
    """
    known = len(path)
    room = _STATE * scale + _TIME * times[:known, None] * np.linalg.norm(velocity, axis=-1, keepdims=True)
    open_end = ((0, len(times) - known), (0, 0))
    low, high = (
        np.pad(edge, open_end, constant_values=end) for edge, end in ((path - room, -np.inf), (path + room, np.inf))
    )
    return Within(low, high)
