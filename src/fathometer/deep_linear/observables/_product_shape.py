"""The product of a plain network next to its layers: its length and their norms, its direction and the first one's."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._network import Weights, product
from fathometer.deep_linear.observables._layer_structure import LayerStructure, squared_sine


class ProductShape(NamedTuple):
    """Length and direction of w, over batch axes.

    Attributes:
        share: |w| / (sigma_1 ... sigma_L), shape (...); 0 where w is zero.
        angle: between w and the top right singular vector of W_1, shape (...); 0 where w is zero.
    """

    share: NDArray[np.float64]
    angle: NDArray[np.float64]


def product_shape(weights: Weights, structure: LayerStructure) -> ProductShape:
    """Compare W_1 to W_L, W_k of shape (..., d_k, d_{k-1}), of a plain network with their `layer_structure`."""
    w = product(weights)
    size = np.max(np.abs(w), axis=-1)
    unit = np.divide(w, size[..., None], out=np.zeros_like(w), where=size[..., None] > 0)  # squares may be too small
    norm = np.linalg.norm(unit, axis=-1)
    alive = norm > 0
    with np.errstate(divide="ignore"):
        logs = np.log(norm) + np.log(size), np.sum(np.log(structure.sigma), axis=-1)
    share = np.exp(np.subtract(*logs, out=np.full_like(norm, -np.inf), where=alive))
    sine = np.sqrt(squared_sine(unit / np.where(alive, norm, 1.0)[..., None], structure.direction))
    return ProductShape(share, np.where(alive, np.arcsin(np.minimum(sine, 1.0)), 0.0))
