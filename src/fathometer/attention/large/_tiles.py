"""The force on every token in memory proportional to n: the kernel is made and used tile by tile."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.attention._field import Scalar

_DIFFERENCES = 8
"""Dimension up to which gaps come from differences, which costs little there; above it products dominate."""

_COLUMNS = 1 << 14
"""Pairs in one block of rows, for each token of a tile."""


def usual_tile() -> int:
    """Tokens in a tile that suit the device: few where a tile should stay in a cache, many on an accelerator."""
    return 1024 if jax.default_backend() == "cpu" else 4096


@partial(jax.jit, static_argnames="tile")
def tiled_interaction(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, tile: int
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """Return what `interaction` does, in the precision of the points, by matrix products and without n^2 memory.

    The force is P_{x_i} sum_j m_j k(x_i, x_j) x_j. Up to dimension 8 the kernel comes from differences, above from
    cosines. Forces have an absolute error of `rounding_error` times Z_i: forces much smaller than that, as between
    clusters on a plateau, are not resolved.

    Args:
        points: unit vectors, float32 or float64.
        masses: positive, sum 1, in the same precision.
        beta: inverse temperature, >= 0.
        tile: tokens in a tile.

    Returns:
        Forces, shape (n, d), tangent at the points, and Z, shape (n,).
    """
    n, d = points.shape
    beta = jnp.asarray(beta, points.dtype)
    weighted = jnp.concatenate([masses[:, None] * points, masses[:, None]], axis=1)
    tile = min(tile, 1 << max(3, (n - 1).bit_length()))
    sums = (_by_rows if d <= _DIFFERENCES else _by_tiles)(points, weighted, beta, tile)
    pull, partition = sums[:, :-1], sums[:, -1]
    return pull - jnp.sum(pull * points, axis=1, keepdims=True) * points, partition


def rounding_error(beta: float, dim: int, precision: str) -> float:
    """Error of a force or of Z_i in units of Z_i, a rule of thumb: (8 + beta sqrt(dim)) roundings."""
    return float((8 + beta * dim**0.5) * jnp.finfo(precision).eps)


def _by_rows(points, weighted, beta, tile: int) -> Float[Array, "n q"]:
    n, d = points.shape
    columns = points.T

    def of(rows: Float[Array, "r d"]) -> Float[Array, "r q"]:
        squares = sum((rows[:, k, None] - columns[k][None]) ** 2 for k in range(d))
        return _product(jnp.exp(-beta / 2 * squares), weighted)

    size = max(1, min(tile // 4, tile * _COLUMNS // 4 // n))
    return jax.lax.map(of, _split(points, size)).reshape(-1, d + 1)[:n]


def _by_tiles(points, weighted, beta, tile: int) -> Float[Array, "n q"]:
    n, d = points.shape
    tokens, loads = _split(points, tile), _split(weighted, tile)

    def of(rows: Float[Array, "r d"]) -> Float[Array, "r q"]:
        def add(j: Array, sums: Float[Array, "r q"]) -> Float[Array, "r q"]:
            return sums + _product(jnp.exp(_product(beta * rows, tokens[j].T) - beta), loads[j])

        return jax.lax.fori_loop(0, len(loads), add, jnp.zeros_like(loads[0]))

    return jax.lax.map(of, tokens).reshape(-1, d + 1)[:n]


def _split(rows: Float[Array, "n q"], size: int) -> Float[Array, "t r q"]:
    """Rows in tiles of one size, filled up with zeros, whose weights are zero too."""
    missing = -len(rows) % size
    return jnp.pad(rows, ((0, missing), (0, 0))).reshape(-1, size, rows.shape[1])


def _product(first: Float[Array, "a b"], second: Float[Array, "b c"]) -> Float[Array, "a c"]:
    """Matrix product in the full precision of its factors, also on devices that would round them."""
    return jnp.matmul(first, second, precision=jax.lax.Precision.HIGHEST)
