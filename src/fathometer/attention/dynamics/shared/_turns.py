"""The right-hand side on the ring: a block of keys goes on to the next device while its tiles are made."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec
from jaxtyping import Array, Bool, Float, Int

from fathometer.attention.dynamics.shared._ring import AXIS, Ring
from fathometer.attention.dynamics.shared._tile import Kernel, Sums, add_tile
from fathometer.attention.model._field import Scalar
from fathometer.attention.model._system import Model
from fathometer.numerics import WIDE_VECTORS


class Felt(NamedTuple):
    """What every token feels, one a row.

    Attributes:
        velocity: tangent at the points; zero for a token that sees no mass.
        partition: Z_i.
        rise: <force_i, velocity_i>, whose sum with the masses is the rate at which EE/(2 beta) rises.
    """

    velocity: Float[Array, "n d"]
    partition: Float[Array, " n"]
    rise: Float[Array, " n"]


class Plan(NamedTuple):
    """What the compiled code is made for.

    Attributes:
        ring: the devices.
        side: tokens on a side of a tile, a divisor of the rows of a device.
        model: SA or USA.
        kernel: how a tile is made.
        causal: whether a token sees only itself and those before it.
    """

    ring: Ring
    side: int
    model: Model
    kernel: Kernel
    causal: bool = False


def felt_on_ring(points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, plan: Plan) -> Felt:
    """What tokens feel that lie on the ring as `Ring.share` lays them.

    A device needs memory for its part, one block that travels, and a tile.

    Args:
        points: unit vectors.
        masses: not negative, sum 1. A token of mass zero feels and does not act.
        beta: inverse temperature, >= 0.
        plan: devices, tiles, model.
    """
    rows = PartitionSpec(AXIS)
    shared = jax.shard_map(
        partial(_felt, plan=plan),
        mesh=plan.ring.mesh,
        in_specs=(rows, rows, PartitionSpec()),
        out_specs=rows,
        check_vma=False,  # the first sums are the same on all devices, the later ones are not
    )
    return shared(points, masses, jnp.asarray(beta, points.dtype))


compiled_felt = jax.jit(felt_on_ring, static_argnames="plan", compiler_options=WIDE_VECTORS)
"""`felt_on_ring`, compiled."""


def _felt(points: Float[Array, "m d"], masses: Float[Array, " m"], beta: Float[Array, ""], plan: Plan) -> Felt:
    keys = jnp.concatenate([points, masses[:, None]], axis=1)
    block = keys.reshape(-1, plan.side, keys.shape[1]).swapaxes(1, 2)
    sums = _around(block, beta, plan)
    peak, partition = (each.reshape(-1) for each in (sums.peak, sums.partition))
    pull = sums.pull.swapaxes(1, 2).reshape(points.shape)
    force = pull - jnp.sum(pull * points, axis=1, keepdims=True) * points
    scale = jnp.exp(peak)
    over = jnp.where(partition > 0, 1 / partition, 0) if plan.model is Model.SA else scale
    velocity = force * over[:, None]
    return Felt(velocity, scale * partition, scale * jnp.sum(force * velocity, axis=1))


def _around(block: Float[Array, "t q s"], beta: Float[Array, ""], plan: Plan) -> Sums:
    """Sums of the tokens of this device over the blocks of all, each while the next one is on its way."""
    size, here = plan.ring.size, jax.lax.axis_index(AXIS).astype(int)
    onward = [(device, (device + 1) % size) for device in range(size)]
    own = block[:, :-1]

    def turn(k: Int[Array, ""], carried: tuple[Array, Sums]) -> tuple[Array, Sums]:
        held, sums = carried
        coming = jax.lax.ppermute(held, AXIS, onward)
        return coming, _absorb(sums, own, held, (here, (here - k) % size), beta, plan)

    last, sums = jax.lax.fori_loop(0, size - 1, turn, (block, jax.vmap(Sums.empty)(own)))
    return _absorb(sums, own, last, (here, (here + 1) % size), beta, plan)


def _absorb(
    sums: Sums,
    own: Float[Array, "t d s"],
    block: Float[Array, "t q s"],
    places: tuple[Int[Array, ""], Int[Array, ""]],
    beta: Float[Array, ""],
    plan: Plan,
) -> Sums:
    """Sums with a block of keys added, tile by tile.

    Args:
        sums: of the tokens of this device, with a leading axis of tiles.
        own: the tokens of this device.
        block: keys with their masses.
        places: devices that the tokens and the keys come from.
        beta: inverse temperature.
        plan: see `Plan`.
    """
    count = len(own)

    def of_rows(given: tuple[Int[Array, ""], Array, Sums]) -> Sums:
        i, rows, before = given

        def column(j: Int[Array, ""], felt: Sums) -> Sums:
            seen = _seen(places[0] * count + i, places[1] * count + j, plan.side) if plan.causal else None
            return add_tile(felt, rows, block[j], beta, seen, plan.kernel)

        return jax.lax.fori_loop(0, count, column, before)

    return jax.lax.map(of_rows, (jnp.arange(count), own, sums))


def _seen(row_tile: Int[Array, ""], key_tile: Int[Array, ""], side: int) -> Bool[Array, "c r"]:
    """Whether a key is not behind the row, by their places in the whole cloud."""
    within = jnp.arange(side)
    return (key_tile * side + within)[:, None] <= (row_tile * side + within)[None]
