"""The imbalance between neighbouring layers, which gradient flow conserves and descent moves by a square."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._network import imbalances


def imbalance_norms(weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Operator norms of the D_k, shape (..., L - 1)."""
    lead = np.shape(weights[0])[:-2]
    norms = [np.linalg.norm(each, 2, axis=(-2, -1)) for each in imbalances(weights)]
    return np.stack(norms, axis=-1) if norms else np.zeros((*lead, 0))


def imbalance_drift(weights: Sequence[ArrayLike], start: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Largest |D_k - D_k(0)|_F over the layers, relative to the largest |W_k|_F^2 of now and the start; shape (...)."""
    sizes = [np.sum(np.asarray(matrix) ** 2, axis=(-2, -1)) for matrix in (*weights, *start)]
    scale = np.max(np.stack(np.broadcast_arrays(*sizes)), axis=0)
    pairs = zip(imbalances(weights), imbalances(start), strict=True)
    drifts = [np.linalg.norm(now - before, axis=(-2, -1)) for now, before in pairs]
    largest = np.max(np.stack(drifts), axis=0) if drifts else np.zeros(scale.shape)
    return np.divide(largest, scale, out=np.zeros(scale.shape), where=scale > 0)


def total_drift(weights: Sequence[ArrayLike]) -> float:
    """Largest trace norm of D_k at the last state less D_k at the first, over the layers; 0 for one layer.

    Args:
        weights: W_1 to W_L, W_k of shape (T, d_k, d_{k-1}).
    """
    drifts = [np.abs(np.linalg.eigvalsh(each[-1] - each[0])).sum() for each in imbalances(weights)]
    return float(np.max(drifts, initial=0.0))
