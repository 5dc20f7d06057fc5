"""Sharpness of any loss: both ends of its Hessian's spectrum, for all parameters or one layer at a time."""

from collections.abc import Callable
from functools import partial
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
    tolerance: float = 1e-6,
    miss: float = 1e-6,
    products: int = 1000,
    memory: int = 1 << 30,
    seed: int = 0,
) -> ExtremeEigenvalues:
    """Smallest and largest signed eigenvalue of the Hessian of a loss.

    Each is between a Ritz value, which is certain, and a bound of what the random start can have missed, which both
    ends keep with probability 1 - miss: parameters that the loss does not use count with their zeros. Up to 64
    parameters the matrix is diagonalised. See `fathometer.numerics.extreme_eigenvalues`.

    Args:
        loss: from the parameters to a scalar, twice differentiable by JAX; it closes over its data, all of them.
        parameters: where to look. Hessian-vector products are computed in their precision, float32 or float64; the
            intervals have room for its rounding.
        tolerance: width of both intervals, relative to the largest |eigenvalue|, at which the search stops.
        miss: probability that an outer end is wrong.
        products: number of Hessian-vector products at which it stops; `ended` says so.
        memory: bytes for its vectors.
        seed: of its start.

    Raises:
        InputError: if there is no parameter, one is not a float32 or float64 array, or the loss or its Hessian is not
            finite there, or the loss is no scalar.
    """
    flat, unravel = _raveled(parameters)
    search = partial(extreme_eigenvalues, tolerance=tolerance, miss=miss, products=products, memory=memory, seed=seed)
    return _ends(lambda vector: loss(unravel(vector)), flat, search)


def layer_hessian_ends(
    loss: Callable[[Parameters], Float[Array, ""]],
    parameters: Parameters,
    *,
    tolerance: float = 1e-6,
    miss: float = 1e-6,
    products: int = 1000,
    memory: int = 1 << 30,
    seed: int = 0,
) -> dict[str, ExtremeEigenvalues]:
    """Smallest and largest eigenvalue of the diagonal block of each array of parameters, the others held fixed.

    Args:
        loss: as for `hessian_ends`.
        parameters: as there.
        tolerance: as there, for each block.
        miss: as there, for each block.
        products: as there, for each block.
        memory: as there.
        seed: as there.

    Args:
        loss: as for `hessian_ends`.
        parameters: as there.
        tolerance: of each block, as there.
        miss: of each block, as there.
        products: for each block, as there.
        memory: as there.
        seed: as there.

    Returns:
        By the path of the array in the nesting, as JAX writes it, such as "[0]['kernel']".

    Raises:
        InputError: as `hessian_ends` does.
    """
    _raveled(parameters)
    search = partial(extreme_eigenvalues, tolerance=tolerance, miss=miss, products=products, memory=memory, seed=seed)
    leaves, tree = jax.tree.flatten(parameters)
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(parameters)]

    def block(k: int) -> ExtremeEigenvalues:
        def of_layer(vector: Float[Array, " n"]) -> Float[Array, ""]:
            layer = vector.reshape(np.shape(leaves[k]))
            return loss(jax.tree.unflatten(tree, [*leaves[:k], layer, *leaves[k + 1 :]]))

        return _ends(of_layer, jnp.ravel(leaves[k]), search)

    return {path: block(k) for k, path in enumerate(paths)}


def _ends(
    loss: Callable[[Float[Array, " n"]], Float[Array, ""]],
    at: Float[Array, " n"],
    search: Callable[[Callable[[NDArray], NDArray], int], ExtremeEigenvalues],
) -> ExtremeEigenvalues:
    """Ends of the Hessian there.

    Raises:
        InputError: if the loss is not a finite scalar.
    """
    value = jnp.asarray(loss(at))
    if value.shape or not jnp.issubdtype(value.dtype, jnp.floating):
        raise InputError(f"the loss must be a floating-point scalar, got {value.dtype} of shape {value.shape}")
    if not jnp.isfinite(value):
        raise InputError(f"the loss must be finite here, got {value}")
    product = jax.jit(lambda vector: jax.jvp(jax.grad(loss), (at,), (vector,))[1])
    return search(lambda vector: np.asarray(product(jnp.asarray(vector, at.dtype))), at.size)


def _raveled(parameters: Parameters) -> tuple[Float[Array, " n"], Callable[[Array], Parameters]]:
    """All parameters in one vector.

    Raises:
        InputError: if there is none, or one is not an array of float32 or float64.
    """
    for path, leaf in jax.tree_util.tree_leaves_with_path(parameters):
        kind = jnp.result_type(leaf)
        if kind not in (jnp.float32, jnp.float64):
            name = jax.tree_util.keystr(path) or "array"
            raise InputError(f"parameter {name} must be floating-point, got {kind.name}; float32 or float64 is allowed")
    flat, unravel = ravel_pytree(parameters)
    if not flat.size:
        raise InputError("parameters must hold at least one number")
    return flat, unravel
