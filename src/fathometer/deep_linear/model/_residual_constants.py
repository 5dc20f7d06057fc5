"""How singular products of perturbed residual layers can become: the constants of the residual theorem."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.deep_linear.model._logarithms import exponential
from fathometer.numerics._scalar_search import maximize

_SMALLEST_RADIUS = 1e-8


class BlockBounds(NamedTuple):
    """Singular values of products of layers, from which bounds for all perturbed products follow.

    Attributes:
        smallest: least singular value c0 <= 1 of all prefixes W_k ... W_1 and suffixes W_L ... W_k, the empty one too.
        largest: greatest singular value C0 >= 1 of all blocks W_k ... W_j, the empty one too.
        layer_smallest: least singular value of each layer, shape (L,).
        layer_largest: greatest singular value of each layer, shape (L,).
    """

    smallest: float
    largest: float
    layer_smallest: NDArray[np.float64]
    layer_largest: NDArray[np.float64]

    def lower(self, radius: float) -> float:
        """A lower bound c in [0, 1] on the singular values of all prefixes and suffixes, if no layer moves by more.

        Derived, the better of two. Expanding a product in its perturbations, r of which leave r + 1 blocks:
        c0 - C0 (e^{radius C0} - 1). Layer by layer: the product of min(1, sigma_min - radius / L).

        Args:
            radius: L times the largest Frobenius norm of a perturbation, at least 0.
        """
        grown = math.expm1(min(1.0, radius * self.largest))  # beyond 1 the difference is negative anyway
        by_blocks = self.smallest - self.largest * grown
        change = np.minimum(0.0, self.layer_smallest - 1 - radius / len(self.layer_smallest))
        by_layers = math.exp(np.log1p(change).sum()) if np.all(change > -1) else 0.0
        return max(0.0, by_blocks, by_layers)

    def upper(self, radius: float) -> float:
        """An upper bound C >= 1, as `lower`: the smaller of C0 e^{radius C0} and the product over layers."""
        return exponential(self._log_upper(radius))

    def _log_upper(self, radius: float) -> float:
        change = np.maximum(0.0, self.layer_largest - 1 + radius / len(self.layer_largest))
        return min(math.log(self.largest) + radius * self.largest, float(np.log1p(change).sum()))

    def reach(self, radius: float) -> float:
        """Return radius c^4 / C^2: how far the start may be from a minimizer, up to factors that the data give."""
        return radius * self.lower(radius) ** 4 * math.exp(-2 * self._log_upper(radius))

    def best_radius(self) -> float:
        """The radius of the largest `reach`, to 1e-8 relative; 0 if a product is singular, where no radius helps."""
        top = len(self.layer_largest) * float(self.layer_largest.max())  # beyond, C^2 grows faster than the radius
        radii = np.geomspace(_SMALLEST_RADIUS, max(top, 1.0), 400)
        reaches = [self.reach(radius) for radius in radii]
        best = int(np.argmax(reaches))
        if reaches[best] == 0:
            return 0.0
        low, high = np.log(radii[[max(best - 1, 0), min(best + 1, len(radii) - 1)]])
        return math.exp(maximize(lambda log_radius: self.reach(math.exp(log_radius)), low, high, 1e-9)[0])


def block_bounds(layers: Float[np.ndarray, "L d d"]) -> BlockBounds:
    """Measure the singular values of all L (L + 1) / 2 blocks of layers, one batched decomposition per block length."""
    smallest = largest = 1.0
    blocks = layers
    for length in range(1, len(layers) + 1):
        if length > 1:
            blocks = layers[length - 1 :] @ blocks[:-1]
        values = np.linalg.svd(blocks, compute_uv=False)
        largest = max(largest, float(values[:, 0].max()))
        smallest = min(smallest, float(values[0, -1]), float(values[-1, -1]))
    single = np.asarray(np.linalg.svd(layers, compute_uv=False), np.float64)
    return BlockBounds(smallest, largest, single[:, -1], single[:, 0])
