"""The sharpness of every run of a batch while it trains."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.deep_linear.model._padded_weights import Layers, RiskArrays, backward, moved
from fathometer.numerics import TopEigenpairs, top_eigenpairs

_TOLERANCE = 1e-3  # of the residual; the error of the eigenvalue is its square over the gap
_CYCLES = 10  # the next record goes on from there


def sharpness_of_runs(layers: Layers, start: Float[Array, "n b"], risk: RiskArrays) -> TopEigenpairs:
    """Top signed Hessian eigenvalue of each run, from where the last search ended.

    Derived: Lanczos steps on the tangent of the gradient b_k h_k^T, on the weights of each run as one column.

    Args:
        layers: weights of b runs, packed.
        start: where the search begins, one column for each run, n weights each.
        risk: the arrays of the problem.
    """
    zero = jax.tree.map(jnp.zeros_like, layers)

    def minus_gradient(at: Layers) -> Layers:
        passed = backward(at, risk.output)
        return moved(zero, at, passed, 2 * risk.sigma @ (passed.product - risk.w_star[:, None]))

    _, tangent = jax.linearize(minus_gradient, layers)

    def apply(vector: Float[Array, "n b"]) -> Float[Array, "n b"]:
        return -columns(tangent(_layers_of(vector, layers)))

    return top_eigenpairs(apply, start, tolerance=_TOLERANCE, cycles=_CYCLES)


def columns(layers: Layers) -> Float[Array, "n b"]:
    """All weights of each run as one column."""
    return jnp.concatenate([leaf.reshape(-1, leaf.shape[-1]) for leaf in jax.tree.leaves(layers)])


def _layers_of(vector: Float[Array, "n b"], like: Layers) -> Layers:
    leaves, tree = jax.tree.flatten(like)
    sizes = [leaf.size // leaf.shape[-1] for leaf in leaves]
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes) - 1)]
    parts = jnp.split(vector, ends)
    return jax.tree.unflatten(tree, [part.reshape(leaf.shape) for part, leaf in zip(parts, leaves, strict=True)])
