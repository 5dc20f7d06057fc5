"""Tokens in dimension 3: the kernel as a series of spherical harmonics, so that n tokens cost of order n."""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.special import ive

from fathometer.attention.dynamics.large._circle import last_order
from fathometer.evidence import finite_number
from fathometer.numerics import WIDE_VECTORS

BLOCK = 512
"""Tokens whose harmonics are made together: those of one degree stay in a cache."""

LARGEST = 1e4
"""Inverse temperature up to which the series is offered: there it has 750 degrees, and its moments take 36 MB."""


class Tables(NamedTuple):
    """What the recurrences of the harmonics of degree l and order m <= l need, by degree.

    P_l^m = up z P_{l-1}^m - down P_{l-2}^m for m < l, and P_{l+1}^{l+1} is P_l^l turned by the angle of the token.

    Attributes:
        up: shape (L + 1, L + 1), 0 unless m < l.
        down: shape (L + 1, L + 1), 0 unless m < l - 1.
        turn: ratio of norms of P_{l+1}^{l+1} and P_l^l, shape (L + 1,).
        kernel: the kernel's eigenvalue 4 pi a_l / (2 l + 1), shape (L + 1,).
    """

    up: Float[Array, "l m"]
    down: Float[Array, "l m"]
    turn: Float[Array, " l"]
    kernel: Float[Array, " l"]


class SphereSeries:
    """The kernel exp(beta (t - 1)) = sum_l a_l P_l(t) of tokens in dimension 3, up to degree L.

    a_l = (2 l + 1) sqrt(pi / (2 beta)) exp(-beta) I_{l+1/2}(beta) (the expansion of a plane wave at an imaginary
    argument, Abramowitz and Stegun 10.2.36), all positive with sum 1, and P_l by the addition theorem in real
    spherical harmonics, from recurrences that are stable upwards. L grows like the square root of beta, the cost
    like n L^2.

    Attributes:
        beta: inverse temperature.
        error: bound of the errors of Z and of the sum that is the force, in units of the total mass, rounding aside:
            the degrees above L.
        degree: L.
        tables: of the recurrences, float64.
    """

    def __init__(self, beta: float, tolerance: float = 1e-12) -> None:
        """Choose the degree.

        Args:
            beta: inverse temperature, between 0 and 1e4.
            tolerance: for `error`, between 1e-14 and 1e-2.

        Raises:
            InputError: if a value is not as above.
        """
        self.beta = finite_number("beta", beta, at_least=0, at_most=LARGEST)
        tolerance = finite_number("tolerance", tolerance, at_least=1e-14, at_most=1e-2)
        self.degree, self.error = needed_degree(self.beta, tolerance)
        self.tables = _tables(self.beta, self.degree)

    def interaction(
        self, points: Float[Array, "n 3"], masses: Float[Array, " n"]
    ) -> tuple[Float[Array, "n 3"], Float[Array, " n"]]:
        """Return forces P_{x_i} sum_j m_j k(x_i, x_j) x_j and Z_i, in the precision of the points.

        Args:
            points: unit vectors, float32 or float64.
            masses: positive, sum 1, in the same precision.
        """
        return _compiled(points, masses, Tables(*(table.astype(points.dtype) for table in self.tables)))


@lru_cache
def needed_degree(beta: float, tolerance: float) -> tuple[int, float]:
    """Least L whose tail sum_{l > L} a_l is at most a tolerance, and that tail, which ends where its terms vanish."""
    values = _coefficients(beta, last_order(beta))
    beyond = np.append(np.cumsum(values[::-1])[::-1][1:], 0.0)
    needed = int(np.argmax(beyond <= tolerance))
    return needed, float(beyond[needed])


def _coefficients(beta: float, top: int) -> Float[np.ndarray, " l"]:
    degrees = np.arange(top + 1)
    if beta < 1e-100:  # a_1 = beta is nothing beside 1, and 1/beta may overflow
        return (degrees == 0).astype(float)
    return (2 * degrees + 1) * math.sqrt(math.pi / (2 * beta)) * ive(degrees + 0.5, beta)


def _tables(beta: float, top: int) -> Tables:
    degree, order = np.arange(top + 1.0)[:, None], np.arange(top + 1.0)
    inside, below = order < degree, order < degree - 1
    span = np.where(inside, degree**2 - order**2, 1.0)
    up = np.where(inside, (2 * degree - 1) * (2 * degree + 1) / span, 0.0)
    ratio = (2 * degree + 1) / np.where(degree > 1, 2 * degree - 3, 1.0)
    down = np.where(below, ratio * ((degree - 1) ** 2 - order**2) / span, 0.0)
    turn = (2 * order + 3) / (2 * order + 2) * np.where(order == 0, 2, 1)  # real harmonics of order 0 lack sqrt(2)
    kernel = 4 * math.pi * _coefficients(beta, top) / (2 * order + 1)
    return Tables(*map(jnp.asarray, (np.sqrt(up), np.sqrt(down), np.sqrt(turn), kernel)))


def interaction_on_sphere(
    points: Float[Array, "n 3"], masses: Float[Array, " n"], tables: Tables
) -> tuple[Float[Array, "n 3"], Float[Array, " n"]]:
    """Force and Z of every token, from the tables of a `SphereSeries`: moments of the tokens, then their sums.

    Args:
        points: shape (n, 3), unit rows.
        masses: shape (n,), sum 1.
        tables: of a `SphereSeries`.
    """
    weighted = jnp.concatenate([masses[:, None] * points, masses[:, None]], axis=1)
    tokens = _blocks(points)

    def gather(total: Float[Array, "l m 2 4"], block: tuple[Array, Array]) -> tuple[Float[Array, "l m 2 4"], None]:
        unit, load = block
        _, contribution = _fold(
            unit, tables, None, lambda none, harmonics, _: (none, _product("mcb,bq->mcq", harmonics, load))
        )
        return total + contribution, None

    order = len(tables.kernel)
    moments, _ = jax.lax.scan(gather, jnp.zeros((order, order, 2, 4), points.dtype), (tokens, _blocks(weighted)))
    smooth = moments * tables.kernel[:, None, None, None]

    def spread(unit: Float[Array, "b 3"]) -> Float[Array, "4 b"]:
        none = jnp.zeros((4, len(unit)), unit.dtype)
        return _fold(unit, tables, smooth, lambda sums, h, row: (sums + _product("mcq,mcb->qb", row, h), None), none)[0]

    sums = jax.lax.map(spread, tokens).swapaxes(1, 2).reshape(-1, 4)[: len(points)]
    pull, partition = sums[:, :3], jnp.maximum(sums[:, 3], masses)  # a token feels itself at least
    return pull - jnp.sum(pull * points, axis=1, keepdims=True) * points, partition


_compiled = jax.jit(interaction_on_sphere, compiler_options=WIDE_VECTORS)


def _fold(unit: Float[Array, "b 3"], tables: Tables, rows: Any, use: Callable, total: Any = None) -> tuple[Any, Any]:
    """Scan the degrees: `use` takes a total, the harmonics (m, 2, b) of a degree, cosines and sines, and its row."""
    x, y, z = unit.T
    order = len(tables.kernel)
    first = jnp.stack([jnp.full_like(x, 1 / math.sqrt(4 * math.pi)), jnp.zeros_like(x)])
    nothing = jnp.zeros((order, *first.shape), unit.dtype)

    def step(carry: Any, given: Any) -> tuple[Any, Any]:
        before, last, sector, total = carry
        up, down, turn, here, row = given
        up, down, here = (column[:, None, None] for column in (up, down, here))
        harmonics = up * z[None, None] * last - down * before + here * sector[None]
        total, output = use(total, harmonics, row)
        turned = turn * jnp.stack([x * sector[0] - y * sector[1], x * sector[1] + y * sector[0]])
        return (last, harmonics, turned, total), output

    degrees = tables.up, tables.down, tables.turn, jnp.eye(order, dtype=unit.dtype), rows
    (_, _, _, total), outputs = jax.lax.scan(step, (nothing, nothing, first, total), degrees)
    return total, outputs


def _blocks(rows: Float[Array, "n q"]) -> Float[Array, "t b q"]:
    """Rows in blocks, filled up with zeros, which have no weight."""
    return jnp.pad(rows, ((0, -len(rows) % BLOCK), (0, 0))).reshape(-1, BLOCK, rows.shape[1])


_product = partial(jnp.einsum, precision=jax.lax.Precision.HIGHEST)
