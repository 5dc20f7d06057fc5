"""Hardmax attention in R^d: every token runs to the token that it likes best."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.evidence import InputError, Problem, finite_array


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


def hardmax_targets(points: Float[np.ndarray, "n d"], matrix: Float[np.ndarray, "d d"]) -> Int[np.ndarray, " n"]:
    """For every token i the token j, itself allowed, with the largest <B x_i, x_j>; the first of equals."""
    return np.argmax((points @ matrix.T) @ points.T, axis=1)
