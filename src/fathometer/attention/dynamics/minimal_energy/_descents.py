"""Descent of the energy from many starts side by side, by the method of Barzilai and Borwein on the sphere."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from fathometer.attention.dynamics._batch import Tokens, cosines_of, unit
from fathometer.numerics import WIDE_VECTORS, exp_nonpositive

_LONGEST = 0.5
"""No token moves farther in a step, in radians."""


class Descents(NamedTuple):
    """Where the descents ended.

    Attributes:
        points: unit tokens, shape (s, k, n).
        slopes: largest |force| on a token times n, in units in which the weights of all pairs sum to 1; shape (s,).
        steps: that were taken, of all descents.
    """

    points: Tokens
    slopes: Float[Array, " s"]
    steps: Int[Array, ""]


class _State(NamedTuple):
    points: Tokens
    slope: Tokens
    step: Float[Array, " s"]
    left: Bool[Array, " s"]
    number: Int[Array, ""]


@partial(jax.jit, compiler_options=WIDE_VECTORS)
def descend(points: Tokens, beta: Float[Array, ""], tolerance: Float[Array, ""], most: Int[Array, ""]) -> Descents:
    """Descend log(sum_{i != j} exp(beta <x_i, x_j>)) / beta, which has the minima of the energy at a scale of its own.

    Steps are those of Barzilai and Borwein (1988), the longer and the shorter in turn; none is refused.

    Args:
        points: unit tokens at the start, shape (s, k, n).
        beta: inverse temperature, > 0.
        tolerance: of the slopes at which a descent ends.
        most: steps at most.
    """
    slope = _slope(points, beta)
    first = 0.1 / (jnp.max(_lengths(slope), axis=1) + 1e-300)
    start = _State(points, slope, first, _steep(slope, tolerance), jnp.zeros((), int))
    end = jax.lax.while_loop(
        lambda state: jnp.any(state.left) & (state.number < most), partial(_next, beta=beta, tolerance=tolerance), start
    )
    return Descents(end.points, points.shape[2] * jnp.max(_lengths(end.slope), axis=1), end.number)


def _next(state: _State, beta: Float[Array, ""], tolerance: Float[Array, ""]) -> _State:
    longest = _LONGEST / (jnp.max(_lengths(state.slope), axis=1) + 1e-300)
    step = jnp.where(state.left, jnp.minimum(state.step, longest), 0.0)[:, None, None]
    points = jnp.where(state.left[:, None, None], unit(state.points - step * state.slope), state.points)
    slope = jnp.where(state.left[:, None, None], _slope(points, beta), state.slope)
    moved, turned = points - state.points, slope - state.slope
    across, far, bent = (jnp.sum(a * b, axis=(1, 2)) for a, b in ((moved, turned), (moved, moved), (turned, turned)))
    longer, shorter = far / (jnp.abs(across) + 1e-300), jnp.abs(across) / (bent + 1e-300)
    step = jnp.where(state.number % 2 == 0, longer, shorter)
    return _State(points, slope, step, state.left & _steep(slope, tolerance), state.number + 1)


def _slope(points: Tokens, beta: Float[Array, ""]) -> Tokens:
    """Gradient: sum_j p_ij P_{x_i} x_j with weights p of all pairs i != j that sum to 1."""
    cosines = cosines_of(points)
    apart = ~jnp.eye(points.shape[2], dtype=bool)[None]
    top = jnp.max(jnp.where(apart, cosines, -1.0), axis=(1, 2), keepdims=True)
    weights = jnp.where(apart, exp_nonpositive(beta * jnp.where(apart, cosines - top, 0.0)), 0.0)
    force = jnp.einsum("skj,sji->ski", points, weights) / jnp.sum(weights, axis=(1, 2), keepdims=True)
    return force - jnp.sum(force * points, axis=1, keepdims=True) * points


def _lengths(slope: Tokens) -> Float[Array, "s n"]:
    return jnp.sqrt(jnp.sum(slope**2, axis=1))


def _steep(slope: Tokens, tolerance: Float[Array, ""]) -> Bool[Array, " s"]:
    return slope.shape[2] * jnp.max(_lengths(slope), axis=1) > tolerance


def random_starts(starts: int, n: int, d: int, seed: int) -> Float[np.ndarray, "s d n"]:
    """Independent uniform clouds.

    Args:
        starts: number of clouds.
        n: tokens of each.
        d: dimension.
        seed: of the generator.
    """
    points = np.random.default_rng(seed).standard_normal((starts, d, n))
    return points / np.linalg.norm(points, axis=1, keepdims=True)
