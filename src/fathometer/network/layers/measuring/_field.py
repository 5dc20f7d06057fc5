"""What the model says of every token of a block: the tangent vector that attention pulls it along."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

TILE = 256
"""Tokens whose pairs with all others are looked at together."""


def tiles(n: int, size: int = TILE) -> Iterator[Int[np.ndarray, " r"]]:
    """Cut 0, ..., n - 1 into stretches.

    Args:
        n: how many numbers.
        size: of a stretch, the last one excepted.

    Yields:
        The numbers of a stretch.
    """
    for start in range(0, n, size):
        yield np.arange(start, min(n, start + size))


def pulls(
    points: Float[np.ndarray, "n d"],
    betas: Sequence[float],
    rows: Int[np.ndarray, " r"],
    sources: Float[np.ndarray, "m d"] | None = None,
    causal: bool = False,
) -> Float[np.ndarray, "betas r d"]:
    """V(beta)_i = P_{x_i} sum_j softmax_j(beta <x_i, y_j>) y_j of some tokens: the velocity of the model SA.

    Args:
        points: unit vectors x.
        betas: inverse temperatures, >= 0.
        rows: the tokens i that are asked for.
        sources: the tokens y that pull; x itself if None.
        causal: whether token i is pulled by those up to itself only.
    """
    return tangent(points[rows], averages(points, betas, rows, sources, causal))


def averages(
    points: Float[np.ndarray, "n d"],
    betas: Sequence[float],
    rows: Int[np.ndarray, " r"],
    sources: Float[np.ndarray, "m d"] | None = None,
    causal: bool = False,
) -> Float[np.ndarray, "betas r d"]:
    """The attention averages sum_j softmax_j(beta <x_i, y_j>) y_j themselves; see `pulls`.

    Args:
        points: unit vectors x.
        betas: inverse temperatures, >= 0.
        rows: the tokens i that are asked for.
        sources: the tokens y that pull; x itself if None.
        causal: whether token i is pulled by those up to itself only.
    """
    pulling = points if sources is None else sources
    cosines = points[rows] @ pulling.T
    hidden = np.arange(len(pulling))[None] > rows[:, None] if causal else None
    gaps = _gaps(cosines, hidden)
    return np.stack([_weights(gaps, beta, hidden) @ pulling for beta in betas])


def tangent(points: Float[np.ndarray, "*a d"], vectors: Float[np.ndarray, "*b d"]) -> NDArray[np.float64]:
    """The part of vectors that is tangent to the sphere at unit vectors."""
    return vectors - np.sum(vectors * points, axis=-1, keepdims=True) * points


def _gaps(cosines: Float[np.ndarray, "r m"], hidden: Bool[np.ndarray, "r m"] | None) -> Float[np.ndarray, "r m"]:
    """By how much each cosine is below the largest one that is seen."""
    seen = cosines if hidden is None else np.where(hidden, -np.inf, cosines)
    return np.max(seen, axis=1, keepdims=True) - cosines


def _weights(
    gaps: Float[np.ndarray, "r m"], beta: float, hidden: Bool[np.ndarray, "r m"] | None
) -> Float[np.ndarray, "r m"]:
    weights = np.exp(-beta * (gaps if hidden is None else np.where(hidden, 0.0, gaps)))
    if hidden is not None:
        weights[hidden] = 0.0
    return weights / np.sum(weights, axis=1, keepdims=True)
