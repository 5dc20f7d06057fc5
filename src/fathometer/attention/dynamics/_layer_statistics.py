"""What is kept of hidden states whose size forbids to keep them: the law of their cosines, layer by layer."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics._recorded import record
from fathometer.attention.observables._cosines import (
    centred_directions,
    close_pairs,
    cosine_histogram,
    cosine_quantiles,
)
from fathometer.attention.observables._standard import mean_cosine
from fathometer.evidence import InputError, finite_array

BINS = 200


class LayerStatistics(NamedTuple):
    """Cosines between the tokens of a sequence, and the shape of their cloud, at some of the layers of a network.

    Attributes:
        layers: their numbers, shape (layers,).
        edges: of the bins, shape (bins + 1,).
        density: of the cosines of pairs i != j, shape (layers, bins).
        centred_density: the same of directions from the mean token.
        mean: of the cosines, shape (layers,).
        low: their 5 % quantile.
        high: their 95 % quantile.
        close: share of the pairs above 0.99.
        rank: exp of the entropy of the squared singular values of the matrix of unit tokens.
    """

    layers: Float[np.ndarray, " l"]
    edges: Float[np.ndarray, " e"]
    density: Float[np.ndarray, "l b"]
    centred_density: Float[np.ndarray, "l b"]
    mean: Float[np.ndarray, " l"]
    low: Float[np.ndarray, " l"]
    high: Float[np.ndarray, " l"]
    close: Float[np.ndarray, " l"]
    rank: Float[np.ndarray, " l"]


def layer_statistics(hidden: ArrayLike, layers: ArrayLike | None = None) -> LayerStatistics:
    """Reduce hidden states to the statistics of their cosines.

    Args:
        hidden: shape (layers, n, d), n >= 2, d >= 2, no zero rows.
        layers: which of them, ascending; all when not given.

    Raises:
        InputError: if a value is not as above.
    """
    states = finite_array("hidden", hidden, ndim=3)
    chosen = np.arange(len(states)) if layers is None else np.asarray(layers, int)
    if not chosen.size or chosen[0] < 0 or chosen[-1] >= len(states) or np.any(np.diff(chosen) <= 0):
        raise InputError(f"layers must ascend between 0 and {len(states) - 1}, got {chosen.tolist()}")
    points = np.asarray(record(states[chosen], 1.0).states["points"])
    masses = np.full(points.shape[1], 1 / points.shape[1])
    edges, density = cosine_histogram(points, masses, BINS)
    low, high = cosine_quantiles(points, masses, [0.05, 0.95]).T
    return LayerStatistics(
        chosen.astype(float),
        edges,
        density,
        cosine_histogram(centred_directions(points, masses), masses, BINS)[1],
        mean_cosine(points, masses),
        low,
        high,
        close_pairs(points, masses),
        spectral_rank(points),
    )


def spectral_rank(points: Float[np.ndarray, "*t n d"]) -> NDArray[np.float64]:
    """Exponential of the entropy of the squared singular values, divided by their sum, of the matrix of tokens.

    `effective_rank` takes the singular values themselves; this one is never larger.

    Args:
        points: rows of any length.
    """
    squares = np.linalg.svd(points, compute_uv=False) ** 2
    shares = squares / np.sum(squares, axis=-1, keepdims=True)
    return np.asarray(np.exp(-np.sum(shares * np.log(np.where(shares > 0, shares, 1.0)), axis=-1)))
