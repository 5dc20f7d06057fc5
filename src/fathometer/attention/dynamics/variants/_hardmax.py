"""Hardmax attention in R^d: every token runs to the token that it likes best."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
    whole_number,
)
from fathometer.numerics import nudged, with_twins


def hardmax_targets(points: Float[np.ndarray, "n d"], matrix: Float[np.ndarray, "d d"]) -> Int[np.ndarray, " n"]:
    """For every token i the token j, itself allowed, with the largest <B x_i, x_j>; the first of equals."""
    return np.argmax((points @ matrix.T) @ points.T, axis=1)


def hardmax_motion(points: ArrayLike, matrix: ArrayLike, times: ArrayLike) -> NDArray[np.float64]:
    """Exact motion of tokens under dx_i/dt = x_j - x_i with the target j of `hardmax_targets` at every moment.

    If every target is its own target (a leader), targets never change, leaders stay, and
    x_i(t) = exp(-t) x_i(0) + (1 - exp(-t)) v with the leader v: Frank-Wolfe in continuous time (Alcalde et al. 2025;
    that targets never change is derived: <B x_i(t), v - x_j(t)> stays a mixture of numbers that are not negative).

    Args:
        points: shape (n, d).
        matrix: B, shape (d, d).
        times: shape (length,), >= 0.

    Returns:
        Tokens at the times, shape (length, n, d).

    Raises:
        InputError: if shapes do not fit, a time is negative, or a target is not its own target.
    """
    start, form = finite_array("points", points, ndim=2), finite_array("matrix", matrix, ndim=2)
    ages = finite_array("times", times, ndim=1)
    if not start.size or form.shape != (start.shape[1],) * 2:
        raise InputError(f"matrix must have shape {(start.shape[1],) * 2}, got {form.shape}")
    if np.any(ages < 0):
        raise InputError(f"times must be >= 0, got {ages.min():g}")
    targets = hardmax_targets(start, form)
    if np.any(restless := targets[targets] != targets):
        token = int(np.argmax(restless))
        raise InputError(f"targets must be their own targets, that of token {token} runs to {targets[targets][token]}")
    left = np.exp(-ages)[:, None, None]
    return left * start + (1 - left) * start[targets]


@dataclass(frozen=True, eq=False)
class HardmaxTokens(Problem):
    """Tokens of R^d under hardmax attention, each of which may like itself best.

    Attributes:
        points: shape (n, d), at time 0.
        matrix: B, shape (d, d).

    Raises:
        InputError: if shapes do not fit.
    """

    points: NDArray[np.float64]
    matrix: NDArray[np.float64]

    def __post_init__(self) -> None:
        points, matrix = finite_array("points", self.points, ndim=2), finite_array("matrix", self.matrix, ndim=2)
        if not points.size or matrix.shape != (points.shape[1],) * 2:
            raise InputError(f"matrix must have shape {(points.shape[1],) * 2}, got {matrix.shape}")
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "matrix", matrix)


def simulate_hardmax(tokens: HardmaxTokens, times: ArrayLike, steps: int = 200) -> Trajectory:
    """Integrate hardmax by exponential steps, choosing the targets anew at every step.

    Args:
        tokens: at time 0.
        times: increasing from 0.
        steps: between two times, at least 1.

    Returns:
        A trajectory along time with states "points", shape (t, n, d).

    Raises:
        InputError: if a value is not as above.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, got {axis.points[0]:g}")
    count = whole_number("steps", steps, at_least=1)
    provenance = Provenance.here(packages=("fathometer", "numpy"))

    def run(many: int, nudge: bool) -> Trajectory:
        x, states = nudged(tokens.points) if nudge else tokens.points, [tokens.points]
        for length in np.diff(axis.points):
            left = np.exp(-length / many)
            for _ in range(many):
                x = left * x + (1 - left) * x[hardmax_targets(x, tokens.matrix)]
            states.append(x)
        return Trajectory(tokens, axis, {"points": np.array(states)}, Origin.SIMULATED, provenance=provenance)

    fewer = max(1, count // 3)
    return with_twins(run(count, False), run(fewer, False), run(fewer, True))
