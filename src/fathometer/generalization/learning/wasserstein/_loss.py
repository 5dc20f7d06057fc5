"""The multi-margin loss, the log-barrier extension, and the lengths that the objectives use."""

import functools
import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def multi_margin(scores: Float[Array, "n k"], labels: Int[Array, " n"], clip: bool) -> Float[Array, " n"]:
    """Sum over wrong classes of max(0, 1 - h[y] + h[y']) / k, at most 1 if clipped.

    Its gradient in the scores has norm at most sqrt((k - 1)/k), with all hinges active; clipping keeps that.

    Args:
        scores: h, for each row and class.
        labels: y, number of the right class of each row.
        clip: whether to clip to [0, 1].
    """
    k = scores.shape[-1]
    own = jnp.take_along_axis(scores, labels[:, None], axis=1)
    hinges = jnp.maximum(0, 1 - own + scores)
    wrong = jnp.arange(k)[None] != labels[:, None]
    losses = jnp.sum(jnp.where(wrong, hinges, 0), axis=1) / k
    return jnp.minimum(losses, 1) if clip else losses


def linear_lipschitz(classes: int) -> float:
    """Lipschitz constant of the loss in (W, b) for inputs of norm at most 1, rounded up: sqrt(2 (k - 1)/k), exact."""
    return math.nextafter(math.sqrt(2 * (classes - 1) / classes), 2)


def log_barrier(a: Float[Array, ""], t: float) -> Float[Array, ""]:
    """-ln(-a)/t for a <= -1/t^2, and its tangent there beyond: t a - ln(1/t^2)/t + 1/t."""
    inside = a <= -1 / t**2
    return jnp.where(inside, -jnp.log(-jnp.where(inside, a, -1)) / t, t * a + 2 * math.log(t) / t + 1 / t)


def length(squares: Float[Array, "..."]) -> Float[Array, "..."]:
    """Square root, with derivative 0 at 0."""
    away = squares > 0
    return jnp.where(away, jnp.sqrt(jnp.where(away, squares, 1)), 0)


def sum_of_squares(tree, keep: int = 0) -> Array:
    """Sum of the squares of all numbers of a tree, over all axes but the first `keep`."""
    parts = [jnp.sum(leaf**2, axis=tuple(range(keep, leaf.ndim))) for leaf in jax.tree.leaves(tree)]
    return functools.reduce(jnp.add, parts)
