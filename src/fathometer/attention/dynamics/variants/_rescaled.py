"""Runs of attention without projection to the sphere."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import expm

from fathometer.attention.dynamics._assembly import SCIPY, assemble, read_times
from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens
from fathometer.evidence import InputError, Trajectory
from fathometer.numerics import in_three_ways, nudged, scipy_solve_at

_STEEPEST = 1e8


def simulate_rescaled(tokens: RescaledTokens, times: ArrayLike) -> Trajectory:
    """Integrate the rescaled tokens (LSODA, relative tolerance 1e-8).

    Args:
        tokens: at time 0.
        times: increasing from 0, so short that |exp(2 t V)| is at most 1e8.

    Returns:
        A trajectory along time with states "points", shape (t, n, d), and "attention", shape (t, n, n).

    Raises:
        InputError: if a value is not as above.
    """
    axis = read_times(times)
    if (growth := np.linalg.norm(expm(2 * axis.points[-1] * tokens.value), 2)) > _STEEPEST:
        raise InputError(f"times must end earlier: exp(2 t V) has grown to {growth:.3g}, {_STEEPEST:g} is allowed")

    def run(tolerance: float, nudge: float) -> Trajectory:
        start = nudged(tokens.points, nudge)
        small = 1e-2 * tolerance
        points = scipy_solve_at(axis.points, lambda t, z: tokens.velocity(z, t), start, tolerance, absolute=small)
        points[0] = tokens.points
        attention = np.stack([tokens.attention(z, t) for z, t in zip(points, axis.points, strict=True)])
        return assemble(tokens, axis, {"points": points, "attention": attention}, SCIPY)

    return in_three_ways(run, 1e-8)
