"""Networks with ReLU layers as tuples of matrices, and one fresh network for every row."""

from collections.abc import Sequence
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

Weights = tuple[NDArray, ...]
"""One matrix for each layer, of shape (inputs + 1, outputs); the last row is the bias."""


def layer_shapes(inputs: int, hidden: Sequence[int], classes: int) -> list[tuple[int, int]]:
    """Shapes of the matrices.

    Args:
        inputs: number of features.
        hidden: widths of the hidden layers; none for a linear network.
        classes: number of classes.
    """
    widths = [inputs, *hidden, classes]
    return [(before + 1, after) for before, after in pairwise(widths)]


def initial_weights(shapes: Sequence[tuple[int, int]], rng: np.random.Generator) -> Weights:
    """Normal weights of variance 2/inputs, biases 0, in float32; the layer of scores starts at 0."""
    drawn = [rng.normal(size=shape) * np.sqrt(2 / (shape[0] - 1)) for shape in shapes]
    for matrix in drawn:
        matrix[-1] = 0
    drawn[-1][:] = 0
    return tuple(matrix.astype(np.float32) for matrix in drawn)


def scores(weights: Sequence[Array], x: Float[Array, "n p"]) -> Float[Array, "n k"]:
    """Scores of each class."""
    for k, matrix in enumerate(weights):
        x = (jax.nn.relu(x) if k else x) @ matrix[:-1] + matrix[-1:]
    return x


def drawn_scores(
    mean: Sequence[Array], sigma: Sequence[Array], x: Float[Array, "n p"], noise: Sequence[Array]
) -> Float[Array, "n k"]:
    """Scores of a network drawn afresh for every row.

    Under independent weights N(mean, sigma^2) the inputs of the units of a layer are independent Gaussians given the
    layer before, so that drawing these is the same as drawing all weights (local reparametrisation, exact).

    Args:
        mean: one matrix for each layer.
        sigma: of the same shapes, standard deviations.
        x: rows.
        noise: standard normal, one matrix of shape (n, outputs) for each layer.
    """
    for k, (centre, spread, shock) in enumerate(zip(mean, sigma, noise, strict=True)):
        x = jax.nn.relu(x) if k else x
        variance = jnp.square(x) @ jnp.square(spread[:-1]) + jnp.square(spread[-1:])
        x = x @ centre[:-1] + centre[-1:] + jnp.sqrt(variance) * shock
    return x


def flat(weights: Sequence[NDArray]) -> Float[np.ndarray, " d"]:
    """All weights in one float64 vector, layer by layer."""
    return np.concatenate([np.ravel(matrix) for matrix in weights]).astype(np.float64)
