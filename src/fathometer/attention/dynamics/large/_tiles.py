"""The force on every token in memory proportional to n: the kernel is made and used tile by tile."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.attention.model._field import Scalar
from fathometer.numerics import WIDE_VECTORS, exp_nonpositive

_DIFFERENCES = 8
"""Dimension up to which gaps come from differences, which costs little there; above it products dominate."""


def usual_tile() -> int:
    """Tokens in a tile that suit the device: few where a tile should stay in a cache, many on an accelerator."""
    return 512 if jax.default_backend() == "cpu" else 4096


def interaction_in_tiles(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, tile: int
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """Return what `interaction` does, in the precision of the points, by matrix products and without n^2 memory.

    The force is P_{x_i} sum_j m_j k(x_i, x_j) x_j. The kernel of two tiles is made once and serves both. Up to
    dimension 8 it comes from differences, above from cosines. Forces have an absolute error of `rounding_error` times
    Z_i: forces much smaller than that, as between clusters on a plateau, are not resolved.

    Args:
        points: unit vectors, float32 or float64.
        masses: positive, sum 1, in the same precision.
        beta: inverse temperature, >= 0.
        tile: tokens in a tile.

    Returns:
        Forces, shape (n, d), tangent at the points, and Z, shape (n,).
    """
    n, d = points.shape
    tile = min(tile, 1 << max(3, (n - 1).bit_length()))
    weighted = jnp.concatenate([masses[:, None] * points, masses[:, None]], axis=1)
    kernel = partial(_by_differences if d <= _DIFFERENCES else _by_cosines, jnp.asarray(beta, points.dtype))
    sums = _sums(_split(points, tile), _split(weighted, tile), kernel).swapaxes(1, 2).reshape(-1, d + 1)[:n]
    pull, partition = sums[:, :-1], sums[:, -1]
    return pull - jnp.sum(pull * points, axis=1, keepdims=True) * points, partition


tiled_interaction = jax.jit(interaction_in_tiles, static_argnames="tile", compiler_options=WIDE_VECTORS)
"""`interaction_in_tiles`, compiled."""


def rounding_error(beta: float, dim: int, precision: str) -> float:
    """Error of a force or of Z_i in units of Z_i, a rule of thumb: (8 + beta sqrt(dim)) roundings.

    Args:
        beta: inverse temperature, >= 0.
        dim: dimension d of the tokens.
        precision: float64 or float32.
    """
    return float((8 + beta * dim**0.5) * jnp.finfo(precision).eps)


Kernel = Callable[[Float[Array, "d c"], Float[Array, "d r"]], Float[Array, "c r"]]
"""exp(beta (<x, y> - 1)) of the tokens of two tiles."""


def _by_differences(
    beta: Float[Array, ""], columns: Float[Array, "d c"], rows: Float[Array, "d r"]
) -> Float[Array, "c r"]:
    gaps = sum((y[:, None] - x[None]) ** 2 for y, x in zip(columns, rows, strict=True))
    return exp_nonpositive(-0.5 * beta * jnp.asarray(gaps))


def _by_cosines(beta: Float[Array, ""], columns: Float[Array, "d c"], rows: Float[Array, "d r"]) -> Float[Array, "c r"]:
    return exp_nonpositive(_product("kc,kr->cr", columns, beta * rows) - beta)


def _sums(tokens: Float[Array, "t d s"], loads: Float[Array, "t q s"], kernel: Kernel) -> Float[Array, "t q s"]:
    """Sum_j k(x_i, x_j) loads_j for every token. The tile that changes fastest has the slow axis of the kernel."""

    def rows(i: Array, sums: Float[Array, "t q s"]) -> Float[Array, "t q s"]:
        tile, load = tokens[i], loads[i]

        def columns(j: Array, both: tuple[Array, Array]) -> tuple[Array, Array]:
            sums, own = both
            weights = kernel(tokens[j], tile)
            sums = sums.at[j].add(_product("qr,cr->qc", load, weights))
            return sums, own + _product("qc,cr->qr", loads[j], weights)

        own = _product("qc,cr->qr", load, kernel(tile, tile))
        sums, own = jax.lax.fori_loop(i + 1, len(tokens), columns, (sums, own))
        return sums.at[i].add(own)

    return jax.lax.fori_loop(0, len(tokens), rows, jnp.zeros_like(loads))


def _split(rows: Float[Array, "n q"], size: int) -> Float[Array, "t q s"]:
    """Rows in tiles of one size, transposed, filled up with zeros, whose weights are zero too."""
    missing = -len(rows) % size
    return jnp.pad(rows, ((0, missing), (0, 0))).reshape(-1, size, rows.shape[1]).swapaxes(1, 2)


def _product(axes: str, first: Array, second: Array) -> Array:
    """Matrix product in the full precision of its factors, also on devices that would round them."""
    return jnp.einsum(axes, first, second, precision=jax.lax.Precision.HIGHEST)
