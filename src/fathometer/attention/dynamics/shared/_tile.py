"""Sums over the keys of one tile, added to those of the tiles before it with the largest exponent kept apart."""

from enum import StrEnum
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from fathometer.numerics import exp_nonpositive

_UNROLLED = 8
"""Dimensions that are written out in one pass over a tile."""
_MOST_ROUNDINGS = 450
"""Roundings of an exponent up to which products serve: with beta sqrt(d) below it, kernels are good to 1e-13."""


class Kernel(StrEnum):
    """How a tile is made.

    PRODUCTS: exponents beta (<x, y> - 1) by a matrix product, which is fast and has an error of beta sqrt(d) roundings.
    DIFFERENCES: exponents -beta |x - y|^2/2, and forces from x - y: digits are kept at any beta.
    """

    PRODUCTS = "products"
    DIFFERENCES = "differences"


def usual_kernel(beta: float, dim: int) -> Kernel:
    """Products where they are faster and good to about 1e-13 in float64."""
    fits = dim > _UNROLLED and beta * dim**0.5 <= _MOST_ROUNDINGS
    return Kernel.PRODUCTS if fits else Kernel.DIFFERENCES


class Sums(NamedTuple):
    """What some tokens have felt so far, in units of exp(peak).

    Attributes:
        peak: largest exponent of a key that has mass.
        pull: sum_j m_j exp(e_ij - peak_i) x_j, by differences less x_i in place of x_j.
        partition: sum_j m_j exp(e_ij - peak_i).
    """

    peak: Float[Array, " r"]
    pull: Float[Array, "d r"]
    partition: Float[Array, " r"]

    @classmethod
    def empty(cls, rows: Float[Array, "d r"]) -> "Sums":
        """Nothing felt: a peak below every exponent, that is finite so that differences of peaks are numbers."""
        least = jnp.full_like(rows[0], jnp.finfo(rows.dtype).min / 2)
        return cls(least, jnp.zeros_like(rows), jnp.zeros_like(rows[0]))


def add_tile(
    sums: Sums,
    rows: Float[Array, "d r"],
    keys: Float[Array, "q c"],
    beta: Float[Array, ""],
    seen: Bool[Array, "c r"] | None,
    kernel: Kernel,
) -> Sums:
    """Sums with the keys of one tile added.

    Args:
        sums: of the keys before.
        rows: the tokens that feel, one a column.
        keys: the tokens that act, one a column, and below them their masses: q = d + 1.
        beta: inverse temperature, >= 0.
        seen: which row sees which key; all if None.
        kernel: how the tile is made.
    """
    points, masses = keys[:-1], keys[-1]
    exponents = (_by_products if kernel is Kernel.PRODUCTS else _by_differences)(rows, points, beta)
    acts = jnp.broadcast_to(masses[:, None] > 0, exponents.shape)
    acts = acts if seen is None else acts & seen
    peak = jnp.maximum(sums.peak, jnp.max(jnp.where(acts, exponents, sums.peak[None]), axis=0))
    weights = exp_nonpositive(jnp.minimum(exponents - peak[None], 0))
    weights = jnp.where(acts, masses[:, None] * weights, 0)
    pull, partition = (_pull_by_products if kernel is Kernel.PRODUCTS else _pull_by_differences)(rows, keys, weights)
    before = jnp.exp(sums.peak - peak)
    return Sums(peak, before[None] * sums.pull + pull, before * sums.partition + partition)


def _by_products(rows: Float[Array, "d r"], points: Float[Array, "d c"], beta: Float[Array, ""]) -> Float[Array, "c r"]:
    return _product("kc,kr->cr", points, beta * rows) - beta


def _by_differences(
    rows: Float[Array, "d r"], points: Float[Array, "d c"], beta: Float[Array, ""]
) -> Float[Array, "c r"]:
    def more(squares: Float[Array, "c r"], part: tuple[Array, Array]) -> tuple[Float[Array, "c r"], None]:
        return squares + sum((y[:, None] - x[None]) ** 2 for x, y in zip(*part, strict=True)), None

    start = jnp.zeros((points.shape[1], rows.shape[1]), rows.dtype)
    squares, _ = jax.lax.scan(more, start, (_in_parts(rows), _in_parts(points)))
    return -0.5 * beta * squares


def _pull_by_products(
    rows: Float[Array, "d r"], keys: Float[Array, "q c"], weights: Float[Array, "c r"]
) -> tuple[Float[Array, "d r"], Float[Array, " r"]]:
    ones = jnp.concatenate([keys[:-1], jnp.ones_like(keys[-1:])])
    both = _product("qc,cr->qr", ones, weights)
    return both[:-1], both[-1]


def _pull_by_differences(
    rows: Float[Array, "d r"], keys: Float[Array, "q c"], weights: Float[Array, "c r"]
) -> tuple[Float[Array, "d r"], Float[Array, " r"]]:
    def pulls(part: tuple[Array, Array]) -> Float[Array, "u r"]:
        return jnp.stack([jnp.sum(weights * (y[:, None] - x[None]), axis=0) for x, y in zip(*part, strict=True)])

    pull = jax.lax.map(pulls, (_in_parts(rows), _in_parts(keys[:-1])))
    return pull.reshape(-1, rows.shape[1])[: len(rows)], jnp.sum(weights, axis=0)


def _in_parts(columns: Float[Array, "d s"]) -> Float[Array, "p u s"]:
    """Coordinates in parts that are written out, filled up with zeros."""
    d, s = columns.shape
    size = min(d, _UNROLLED)
    return jnp.pad(columns, ((0, -d % size), (0, 0))).reshape(-1, size, s)


def _product(axes: str, first: Array, second: Array) -> Array:
    """Matrix product in the full precision of its factors, also on devices that would round them."""
    return jnp.einsum(axes, first, second, precision=jax.lax.Precision.HIGHEST)
