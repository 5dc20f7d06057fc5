"""Whether the pulls on the tokens of a cloud cancel, so that nothing tells which of them move."""

import numpy as np
from jaxtyping import Float

_ASKED = 64
"""Tokens that are asked one by one: in a cloud that has no symmetry the first one answers."""


def pulls_cancel(
    points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"], beta: float, tolerance: float
) -> bool:
    """Whether on each of some tokens the pulls of the others cancel, to within a share of the sum of their sizes.

    Args:
        points: shape (n, d), unit rows, n at least 2, not all equal.
        masses: shape (n,).
        beta: inverse temperature, at least 0.
        tolerance: the share.
    """
    asked = np.unique(np.linspace(0, len(points) - 1, _ASKED).astype(int))
    return all(_cancel(points - points[token], points[token], masses, beta, tolerance) for token in asked)


def _cancel(
    apart: Float[np.ndarray, "n d"],
    token: Float[np.ndarray, " d"],
    masses: Float[np.ndarray, " n"],
    beta: float,
    tolerance: float,
) -> bool:
    squares = np.einsum("nd,nd->n", apart, apart)
    nearest = np.min(squares[squares > 0])  # the sizes are in units of its attraction, which may underflow
    weights = masses * (squares > 0) * np.exp(-0.5 * beta * np.maximum(squares - nearest, 0.0))
    along = apart + 0.5 * squares[:, None] * token  # in the tangent plane
    return bool(np.linalg.norm(weights @ along) <= tolerance * (weights @ np.sqrt(squares)))
