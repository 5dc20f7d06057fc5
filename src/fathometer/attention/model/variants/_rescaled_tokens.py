"""Attention without projection to the sphere, seen in coordinates that undo its growth."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.special import softmax

from fathometer.evidence import InputError, Problem, finite_array


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

    def velocity(self, tokens: Float[np.ndarray, "n d"], time: float) -> Float[np.ndarray, "n d"]:
        """Velocity of rescaled tokens at a time."""
        return (self.attention(tokens, time) @ tokens - tokens) @ self.value.T
