"""Sharpness of any loss: both ends of its Hessian's spectrum, for all parameters or one layer at a time."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float
from numpy.typing import NDArray

import fathometer.numerics  # noqa: F401  (switches JAX to float64)
from fathometer.evidence import InputError
from fathometer.numerics import ExtremeEigenvalues, extreme_eigenvalues

Parameters = Any
"""Any nesting of tuples, lists and dictionaries of floating-point arrays."""


def hessian_ends(
    loss: Callable[[Parameters], Float[Array, ""]],
    parameters: Parameters,
    *,
    tolerance: float = 1e-8,
    seed: int = 0,
) -> ExtremeEigenvalues:
    """Smallest and largest signed eigenvalue of the Hessian of a loss.

    Args:
        loss: from the parameters to a scalar, twice differentiable by JAX; it closes over its data, all of them.
        parameters: where to look. Hessian-vector products are computed in their precision.
        tolerance: relative accuracy of the search.
        seed: of its start.

    Raises:
        InputError: if there is no parameter, one is not a floating-point array, or the Hessian is not finite.
    """
    flat, unravel = _raveled(parameters)
    return _ends(lambda vector: loss(unravel(vector)), flat, tolerance, seed)


def layer_hessian_ends(
    loss: Callable[[Parameters], Float[Array, ""]],
    parameters: Parameters,
    *,
    tolerance: float = 1e-8,
    seed: int = 0,
) -> dict[str, ExtremeEigenvalues]:
    """The same for the diagonal block of each array of parameters, the others held fixed.

    Returns:
        By the path of the array in the nesting, as JAX writes it, such as "[0]['kernel']".

    Raises:
        InputError: as `hessian_ends` does.
    """
    _raveled(parameters)
    leaves, tree = jax.tree.flatten(parameters)
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(parameters)]

    def block(k: int) -> ExtremeEigenvalues:
        def of_layer(vector: Float[Array, " n"]) -> Float[Array, ""]:
            layer = vector.reshape(np.shape(leaves[k]))
            return loss(jax.tree.unflatten(tree, [*leaves[:k], layer, *leaves[k + 1 :]]))

        return _ends(of_layer, jnp.ravel(leaves[k]), tolerance, seed)

    return {path: block(k) for k, path in enumerate(paths)}


def _ends(
    loss: Callable[[Float[Array, " n"]], Float[Array, ""]], at: Float[Array, " n"], tolerance: float, seed: int
) -> ExtremeEigenvalues:
    product = jax.jit(lambda vector: jax.jvp(jax.grad(loss), (at,), (vector,))[1])

    def apply(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(product(jnp.asarray(vector, at.dtype)), np.float64)

    return extreme_eigenvalues(apply, at.size, tolerance=tolerance, seed=seed)


def _raveled(parameters: Parameters) -> tuple[Float[Array, " n"], Callable[[Array], Parameters]]:
    """All parameters in one vector.

    Raises:
        InputError: if there is none, or one is not a floating-point array.
    """
    leaves = jax.tree_util.tree_leaves_with_path(parameters)
    for path, leaf in leaves:
        if not jnp.issubdtype(jnp.result_type(leaf), jnp.floating):
            raise InputError(
                f"parameter {jax.tree_util.keystr(path)} must be floating-point, got {np.asarray(leaf).dtype}"
            )
    flat, unravel = ravel_pytree(parameters)
    if not flat.size:
        raise InputError("parameters must hold at least one number")
    return flat, unravel
