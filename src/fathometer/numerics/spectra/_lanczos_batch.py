"""The top eigenpair of many symmetric operators at once, batch axis last, inside compiled code."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

_KRYLOV = 4
_TINY = 1e-300


class TopEigenpairs(NamedTuple):
    """Largest eigenvalues theta with |H v - theta v| and v, for each operator of a batch.

    An eigenvalue lies within `residual` of `value`, and the largest one is not below `value`.
    """

    value: Float[Array, " b"]
    residual: Float[Array, " b"]
    vector: Float[Array, "n b"]


def top_eigenpairs(
    apply: Callable[[Float[Array, "n b"]], Float[Array, "n b"]],
    start: Float[Array, "n b"],
    *,
    tolerance: float,
    cycles: int,
) -> TopEigenpairs:
    """Find the largest signed eigenvalue of each operator by Lanczos steps with restarts from the Ritz vector.

    Args:
        apply: the operators, each on its own column.
        start: shape (n, b), no zero column; a column with no share in the top eigenvector does not find it.
        tolerance: stop when every residual is below this fraction of the largest |Ritz value| of its operator.
        cycles: stop after so many restarts at the latest; the residual says how far that got.
    """

    def unfinished(state: tuple[Array, TopEigenpairs, Array]) -> Array:
        cycle, pairs, scale = state
        return (cycle < cycles) & jnp.any(pairs.residual > tolerance * scale)

    def again(state: tuple[Array, TopEigenpairs, Array]) -> tuple[Array, TopEigenpairs, Array]:
        cycle, pairs, _ = state
        return (cycle + 1, *_cycle(apply, pairs.vector))

    first = (jnp.ones((), jnp.int32), *_cycle(apply, start))
    return lax.while_loop(unfinished, again, first)[1]


def _cycle(
    apply: Callable[[Float[Array, "n b"]], Float[Array, "n b"]], start: Float[Array, "n b"]
) -> tuple[TopEigenpairs, Float[Array, " b"]]:
    """One Krylov space: its top Ritz pair, and the largest |Ritz value|."""
    basis, images, columns = [_unit(start)], [], []
    size = min(_KRYLOV, len(start))
    for _ in range(size):
        images.append(lax.optimization_barrier(apply(basis[-1])))
        shares = _shares(basis, images[-1])
        columns.append(jnp.stack(shares + [jnp.zeros_like(shares[0])] * (size - len(basis)), axis=-1))
        if len(basis) < size:  # twice, so that what is left after cancellation is orthogonal too
            rest = lax.optimization_barrier(_unit(images[-1] - _combined(shares, basis)))
            rest = rest - _combined(_shares(basis, rest), basis)
            basis.append(lax.optimization_barrier(_unit(rest)))
    lower = jnp.stack(columns, axis=1)
    values, vectors = jnp.linalg.eigh(lower, symmetrize_input=False)
    top = list(vectors[:, :, -1].T)
    vector, image = _combined(top, basis), _combined(top, images)
    residual = jnp.sqrt(jnp.sum((image - values[None, :, -1] * vector) ** 2, axis=0))
    return TopEigenpairs(values[:, -1], residual, vector), jnp.max(jnp.abs(values), axis=1)


def _shares(basis: list[Array], vector: Float[Array, "n b"]) -> list[Array]:
    return [jnp.sum(v * vector, axis=0) for v in basis]


def _combined(shares: list[Array], basis: list[Array]) -> Float[Array, "n b"]:
    """Sum of shares times vectors; written out, because XLA reduces over a leading axis 14 times slower on a CPU."""
    return sum((share[None] * v for share, v in zip(shares, basis, strict=True)), jnp.zeros_like(basis[0]))


def _unit(vector: Float[Array, "n b"]) -> Float[Array, "n b"]:
    """Scale to norm 1; a vector that vanishes stays zero."""
    return vector / jnp.maximum(jnp.sqrt(jnp.sum(vector**2, axis=0, keepdims=True)), _TINY)
