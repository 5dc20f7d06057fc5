"""The imbalance between neighbouring layers, which gradient flow conserves and descent moves by a square."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._flow_problem import GradientFlow, network_of
from fathometer.deep_linear.model._network import from_states, imbalances
from fathometer.evidence import Estimate, Observable, Problem


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


def measure_imbalance(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """Operator norms of all D_k, shape (T, L - 1)."""
    return Estimate.exact(imbalance_norms(from_states(network_of(problem), states)))


def measure_imbalance_drift(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """Drift of the D_k since the start of a flow, shape (T,).

    Raises:
        InputError: if the problem is no gradient flow.
    """
    return Estimate.exact(
        imbalance_drift(from_states(network_of(problem), states), GradientFlow.expect(problem).weights)
    )


IMBALANCE = Observable("imbalance", "weight^2", "operator norms of W_{k+1}^T W_{k+1} - W_k W_k^T", measure_imbalance)
IMBALANCE_DRIFT = Observable(
    "imbalance_drift", "1", "max_k |D_k - D_k(0)|_F relative to the largest |W_k|_F^2", measure_imbalance_drift
)
