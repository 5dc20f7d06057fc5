"""The excess risk as a function of all weights in one vector."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._padded_weights import RiskArrays

Shapes = tuple[tuple[int, int], ...]


def flat_risk(flat: Float[Array, " p"], risk: RiskArrays, shapes: Shapes) -> Float[Array, ""]:
    """Risk above its minimum.

    Args:
        flat: all weights, layer by layer.
        risk: the arrays of the problem.
        shapes: (d_k, d_{k-1}) of the layers.
    """
    w = risk.output
    for layer in reversed(unflattened(flat, shapes)):
        w = layer.T @ w
    return (w - risk.w_star) @ risk.sigma @ (w - risk.w_star)


def shapes_of(weights: Weights) -> Shapes:
    """(d_k, d_{k-1}) of the layers."""
    return tuple((matrix.shape[-2], matrix.shape[-1]) for matrix in weights)


def flattened(weights: Weights) -> Float[Array, " p"]:
    """All weights, layer by layer."""
    return jnp.concatenate([jnp.ravel(matrix) for matrix in weights])


def unflattened(flat, shapes: Shapes):
    """Undo `flattened`, over axes in front."""
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    cuts = zip(shapes, ends - [rows * columns for rows, columns in shapes], ends, strict=True)
    return tuple(flat[..., low:high].reshape(*flat.shape[:-1], *shape) for shape, low, high in cuts)
