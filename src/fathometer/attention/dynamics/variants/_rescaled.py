"""Attention without projection to the sphere, seen in coordinates that undo its growth."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.special import softmax

from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
)
from fathometer.numerics import in_three_ways, nudged

_STEEPEST = 1e8


@dataclass(frozen=True, eq=False)
class RescaledTokens(Problem):
    """Tokens of R^d with dx_i/dt = sum_j P_ij V x_j, P_ij the softmax of <Q x_i, K x_j>, as z_i = exp(-t V) x_i.

    Then dz_i/dt = V sum_j P_ij (z_j - z_i), with scores that grow like exp(2 t V) (Geshkovski et al. 2023, emergence of
    clusters).

    Attributes:
        points: shape (n, d), at time 0.
        query: Q, shape (d, d); identity when not given.
        key: K, shape (d, d); identity when not given.
        value: V, shape (d, d); identity when not given.

    Raises:
        InputError: if a matrix has another shape or is not finite.
    """

    points: NDArray[np.float64]
    query: NDArray[np.float64] = None  # type: ignore[assignment]
    key: NDArray[np.float64] = None  # type: ignore[assignment]
    value: NDArray[np.float64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", finite_array("points", self.points, ndim=2))
        dim = self.points.shape[1]
        for name in ("query", "key", "value"):
            given = getattr(self, name)
            matrix = finite_array(name, np.eye(dim) if given is None else given, ndim=2)
            if matrix.shape != (dim, dim):
                raise InputError(f"{name} must have shape {(dim, dim)}, got {matrix.shape}")
            object.__setattr__(self, name, matrix)

    def attention(self, tokens: Float[np.ndarray, "n d"], time: float) -> Float[np.ndarray, "n n"]:
        """The attention matrix P of rescaled tokens at a time."""
        grown = tokens @ expm(time * self.value).T
        return np.asarray(softmax((grown @ self.query.T) @ (grown @ self.key.T).T, axis=1))


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
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, got {axis.points[0]:g}")
    end, shape = float(axis.points[-1]), tokens.points.shape
    if (growth := np.linalg.norm(expm(2 * end * tokens.value), 2)) > _STEEPEST:
        raise InputError(f"times must end earlier: exp(2 t V) has grown to {growth:.3g}, {_STEEPEST:g} is allowed")

    def speed(t: float, flat: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
        z = flat.reshape(shape)
        return ((tokens.attention(z, t) @ z - z) @ tokens.value.T).ravel()

    provenance = Provenance.here(packages=("fathometer", "numpy", "scipy"))

    def run(tolerance: float, nudge: float) -> Trajectory:
        start = nudged(tokens.points, nudge)
        small = 1e-2 * tolerance
        solution = solve_ivp(speed, (0, end), start.ravel(), "LSODA", axis.points, rtol=tolerance, atol=small)
        solution.y[:, 0] = tokens.points.ravel()
        points = solution.y.T.reshape(-1, *shape)
        attention = np.stack([tokens.attention(z, t) for z, t in zip(points, axis.points, strict=True)])
        states = {"points": points, "attention": attention}
        return Trajectory(tokens, axis, states, Origin.SIMULATED, provenance=provenance)

    return in_three_ways(run, 1e-8)
