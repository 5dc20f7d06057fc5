"""How close the layers are to an aligned chain of rank-one matrices, and what the start says of it for all times."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.observables._imbalance import imbalance_drift, imbalance_norms
from fathometer.evidence import finite_array


class LayerStructure(NamedTuple):
    """Singular values and vectors of the layers, over batch axes.

    Attributes:
        sigma: sigma_k = |W_k|_op, shape (..., L).
        rank_defect: |W_k|_F^2 - sigma_k^2, shape (..., L).
        misalignment: 1 - <v_{k+1}, u_k>^2 of the top right vector of W_{k+1} and the top left one of W_k,
            shape (..., L - 1).
        direction: top right singular vector v_1 of W_1, of any sign, shape (..., d).
    """

    sigma: NDArray[np.float64]
    rank_defect: NDArray[np.float64]
    misalignment: NDArray[np.float64]
    direction: NDArray[np.float64]


def layer_structure(weights: Sequence[ArrayLike]) -> LayerStructure:
    """Measure the structure of W_1 to W_L, W_k of shape (..., d_k, d_{k-1})."""
    parts = [np.linalg.svd(finite_array("W", matrix), full_matrices=False) for matrix in weights]
    sigma = np.stack([S[..., 0] for _, S, _ in parts], axis=-1)
    defect = np.stack([np.sum(S[..., 1:] ** 2, axis=-1) for _, S, _ in parts], axis=-1)
    left, right = [U[..., 0] for U, _, _ in parts[:-1]], [Vt[..., 0, :] for _, _, Vt in parts]
    apart = [squared_sine(u, v) for u, v in zip(left, right[1:], strict=True)]
    misalignment = np.stack(apart, axis=-1) if apart else np.zeros((*sigma.shape[:-1], 0))
    return LayerStructure(sigma, defect, misalignment, right[0])


def norm_exponents(weights: Sequence[ArrayLike], norm: float) -> NDArray[np.float64]:
    """x_k in sigma_k^L = m 2^{x_k}, shape (..., L); NaN if m is 0.

    Args:
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).
        norm: m, at least 0.
    """
    sigma = layer_structure(weights).sigma
    if norm == 0:
        return np.full(sigma.shape, np.nan)
    with np.errstate(divide="ignore"):
        return (len(weights) * np.log(sigma) - math.log(norm)) / math.log(2)


def layer_motion(weights: Weights, start: Weights) -> NDArray[np.float64]:
    """|W_k - W_k(0)|_F of each layer, shape (..., L), for W_k of shape (..., d_k, d_{k-1})."""
    pairs = zip(weights, start, strict=True)
    return np.stack([np.linalg.norm(matrix - before, axis=(-2, -1)) for matrix, before in pairs], axis=-1)


def squared_sine(x: Float[np.ndarray, "*batch d"], y: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch"]:
    """sin^2 of the angle between unit vectors, 1 - <x, y>^2, from the difference."""
    return np.asarray(np.sum((y - np.sum(x * y, axis=-1, keepdims=True) * x) ** 2, axis=-1))


class StructureBounds(NamedTuple):
    """What the initial weights say about the structure at all times of gradient flow, for d_L = 1.

    Attributes:
        delta: delta_k = |D_k|_op, shape (..., L - 1).
        epsilon: epsilon_k = |W_k|_F^2 - |W_L|^2 + sum_{j >= k} delta_j >= 0, shape (..., L); 0 for k = L.
    """

    delta: NDArray[np.float64]
    epsilon: NDArray[np.float64]


def structure_bounds(weights: Sequence[ArrayLike]) -> StructureBounds:
    """Read the bounds off initial weights W_1 to W_L, W_k of shape (..., d_k, d_{k-1}), d_L = 1.

    Derived: |W_k|_F^2 - sigma_k^2 <= epsilon_k, because traces of D_k are conserved, |sigma_{k+1}^2 - sigma_k^2| <=
    delta_k, and the last layer has one row.
    """
    delta = imbalance_norms(weights)
    squares = np.stack([np.sum(np.asarray(matrix) ** 2, axis=(-2, -1)) for matrix in weights], axis=-1)
    later = np.flip(np.cumsum(np.flip(delta, -1), axis=-1), -1)
    epsilon = squares - squares[..., -1:] + np.concatenate([later, np.zeros_like(squares[..., :1])], axis=-1)
    return StructureBounds(delta, np.maximum(epsilon, 0.0))


def drifted_bounds(start: Weights, weights: Weights, most: float) -> StructureBounds:
    """The bounds from the start, widened by what an integrator let the imbalance drift.

    Derived: a trace is at most sqrt(width) times a Frobenius norm.

    Args:
        start: initial weights, W_k of shape (d_k, d_{k-1}), d_L = 1.
        weights: along the run, W_k of shape (T, d_k, d_{k-1}).
        most: drift in the Frobenius norm that is allowed for, at least 0; more is not the integrator's.

    Returns:
        Of shapes (T, L - 1) and (T, L).
    """
    bounds, depth = structure_bounds(start), len(weights)
    now, before = (
        np.max([np.sum(matrix**2, axis=(-2, -1)) for matrix in layers], axis=0) for layers in (weights, start)
    )
    drift = np.minimum(imbalance_drift(weights, start) * np.maximum(now, before), most)[:, None]
    widest = max(max(matrix.shape[-2:]) for matrix in weights)
    later = (1 + math.sqrt(widest)) * np.arange(depth - 1, -1, -1)
    return StructureBounds(bounds.delta + drift, bounds.epsilon + later * drift)


class ProductBounds(NamedTuple):
    """What singular values of the layers say about their product, for d_L = 1.

    Attributes:
        log_cosine: log of a lower bound on |w| / (sigma_1 ... sigma_L), shape (...); -inf where there is none.
        angle: upper bound on the angle between w and the top right singular vector of W_1, shape (...); at most pi / 2.
    """

    log_cosine: NDArray[np.float64]
    angle: NDArray[np.float64]


def chain_bounds(sigma: Float[np.ndarray, "*batch L"], bounds: StructureBounds) -> ProductBounds:
    """Follow b_k through almost rank-one layers, from the last to the first.

    Derived: the angle theta_k of b_k to the top left vector of W_k is 0 for k = L. A layer shrinks its tangent by
    sqrt(epsilon) / sigma at least, and the next top vector is at most phi_k away:
    sin^2 phi_k <= 2 delta_k / (sigma_k^2 - epsilon_k), or (2 delta_k + epsilon_k) / sigma_k^2 if that is smaller.
    """
    shrinking = np.divide(np.sqrt(bounds.epsilon), sigma, out=np.full(sigma.shape, np.inf), where=sigma > 0)
    turned = _turned(sigma[..., :-1] ** 2, bounds.delta, bounds.epsilon[..., :-1])
    angle, log_cosine = np.zeros(sigma.shape[:-1]), np.zeros(sigma.shape[:-1])
    for k in reversed(range(sigma.shape[-1] - 1)):
        angle = np.minimum(turned[..., k] + _shrunk(angle, shrinking[..., k + 1]), np.pi / 2)
        with np.errstate(divide="ignore"):
            log_cosine = log_cosine + np.where(angle < np.pi / 2, np.log(np.cos(angle)), -np.inf)
    return ProductBounds(log_cosine, np.where(angle < np.pi / 2, _shrunk(angle, shrinking[..., 0]), np.pi / 2))


def _shrunk(angle: ArrayLike, factor: ArrayLike) -> NDArray[np.float64]:
    """The angle whose tangent is the factor times that of another; pi / 2 for an infinite factor, a layer that is 0."""
    finite = np.isfinite(factor)
    return np.where(finite, np.arctan(np.where(finite, factor, 0.0) * np.tan(angle)), np.pi / 2)


def _turned(
    square: Float[np.ndarray, "..."], delta: Float[np.ndarray, "..."], epsilon: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """Upper bound phi_k on the angle between v_{k+1} and u_k; pi / 2 where there is none."""
    room = square - epsilon
    strict = np.divide(2 * delta, room, out=np.full(room.shape, np.inf), where=room > 0)
    weak = np.divide(2 * delta + epsilon, square, out=np.full(room.shape, np.inf), where=square > 0)
    sine = np.minimum(strict, weak)
    return np.arcsin(np.sqrt(np.minimum(sine, 1.0)))
