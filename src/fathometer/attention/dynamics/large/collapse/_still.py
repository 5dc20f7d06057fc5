"""Whether the pulls on the tokens of a cloud cancel, so that nothing tells which of them move."""

import numpy as np
from jaxtyping import Float

_MOST = 20_000
"""Tokens of which all pairs may have to be seen."""


def pulls_cancel(
    points: Float[np.ndarray, "n d"],
    masses: Float[np.ndarray, " n"],
    beta: float,
    merge_chord: float,
    tolerance: float,
) -> bool:
    """Whether the pulls on every token cancel, to within a share of the sum of their sizes.

    The first token whose pulls do not cancel ends the search: where there is no symmetry, one is asked.

    Args:
        points: shape (n, d), unit rows.
        masses: shape (n,).
        beta: inverse temperature, at least 0.
        merge_chord: distance up to which tokens are one, and pull in no direction.
        tolerance: the share.

    Returns:
        False, too, for more than 20 000 tokens, of which not all pairs are seen.
    """
    return len(points) <= _MOST and all(
        _cancel(points - token, token, masses, beta, merge_chord, tolerance) for token in points
    )


def _cancel(
    apart: Float[np.ndarray, "n d"],
    token: Float[np.ndarray, " d"],
    masses: Float[np.ndarray, " n"],
    beta: float,
    merge_chord: float,
    tolerance: float,
) -> bool:
    squares = np.einsum("nd,nd->n", apart, apart)
    others = squares > merge_chord**2
    if not np.any(others):
        return False
    apart, squares = apart[others], squares[others]
    # the sizes are in units of the nearest one's attraction, which may underflow
    weights = masses[others] * np.exp(-0.5 * beta * (squares - np.min(squares)))
    along = apart + 0.5 * squares[:, None] * token  # in the tangent plane
    return bool(np.linalg.norm(weights @ along) <= tolerance * (weights @ np.sqrt(squares)))
