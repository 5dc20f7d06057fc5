"""The force on every cluster, with everything that overflows in log domain."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Bool, Float, Int

from fathometer.attention.model._system import Model
from fathometer.numerics import exp_nonpositive

_BLOCK = 1 << 17
"""Pairs in one block of rows: they stay in the processor's cache."""

_NEGLIGIBLE = -46.0
"""Log of the share of a row's largest term below which a term is skipped: 1e-20."""


class Sources(NamedTuple):
    """What the moving clusters feel; fixed during a run of steps.

    Clusters are padded to a fixed number c; the first r of them are the ones that may move.

    Attributes:
        log_masses: -inf for padding.
        moves: which of the first r move.
        groups: labels; clusters of one group count as one at the event chord.
        ties: pairs that hold the groups together while they are within the event chord, filled up with (0, 0).
        neighbours: the clusters that each of the first r feels, c where there is none; None for all of them.
        beta: inverse temperature.
    """

    log_masses: Float[Array, " c"]
    moves: Bool[Array, " r"]
    groups: Int[Array, " c"]
    ties: Int[Array, "c 2"]
    neighbours: Int[Array, "r q"] | None
    beta: Float[Array, ""]


class Force(NamedTuple):
    """The motion in arclength s, the length of the path of all clusters together.

    Attributes:
        direction: dx/ds, of Euclidean norm 1 over all rows.
        log_speed: log ds/dt.
    """

    direction: Float[Array, "r d"]
    log_speed: Float[Array, ""]


class Contacts(NamedTuple):
    """What decides whether to go on.

    Attributes:
        log_sensitivity: log of the largest change of a velocity per unit error of a position.
        nearest: least gap |x_i - x_j|^2 / 2 of a moving cluster and any other.
        nearest_foreign: the least such gap between different groups.
    """

    log_sensitivity: Float[Array, ""]
    nearest: Float[Array, ""]
    nearest_foreign: Float[Array, ""]


class _Rows(NamedTuple):
    tokens: Float[Array, "r d"]
    log_masses: Float[Array, " r"]
    groups: Int[Array, " r"]
    near: Int[Array, "r q"] | Int[Array, " r"]


def force(points: Float[Array, "c d"], sources: Sources, model: Model) -> Force:
    """Evaluate the velocities of the moving rows, the largest exponent of every row factored out.

    Args:
        points: shape (c, d), unit rows, the moving clusters first.
        sources: what they feel.
        model: SA or USA.
    """
    return _motion(points, sources, *_over_rows(points, sources, model, closely=False))


def force_and_contacts(points: Float[Array, "c d"], sources: Sources, model: Model) -> tuple[Force, Contacts]:
    """Evaluate the force, and what is close to what.

    Args:
        points: shape (c, d), unit rows, the moving clusters first.
        sources: what they feel.
        model: SA or USA.
    """
    average, log_size, log_rate, nearest, foreign = _over_rows(points, sources, model, closely=True)
    contacts = Contacts(
        jnp.max(jnp.where(sources.moves, log_rate, -jnp.inf)),
        jnp.min(jnp.where(sources.moves, nearest, jnp.inf)),
        jnp.min(jnp.where(sources.moves, foreign, jnp.inf)),
    )
    return _motion(points, sources, average, log_size), contacts


def _motion(points, sources, average, log_size) -> Force:
    tokens = points[: len(sources.moves)]
    pull = average - jnp.sum(average * tokens, axis=-1, keepdims=True) * tokens
    log_pull = jnp.log(jnp.sum(pull**2, axis=-1)) / 2
    log_norms = jnp.where(sources.moves, log_size + log_pull, -jnp.inf)
    log_speed = logsumexp(2 * log_norms) / 2
    scale = jnp.where(log_norms > -jnp.inf, log_norms - log_pull - log_speed, -jnp.inf)
    return Force(pull * jnp.exp(scale)[:, None], log_speed)


def _over_rows(points, sources, model, closely) -> Any:
    """Apply `_block` to all rows, in blocks that fit the cache."""
    count = len(sources.moves)
    near = jnp.arange(count) if sources.neighbours is None else sources.neighbours
    # made before anything else: what could run beside it would be handed to another thread, which takes longer
    summed = jax.lax.optimization_barrier(jnp.append(points, jnp.ones((len(points), 1)), axis=1))
    points = summed[:, :-1]
    rows = _Rows(points[:count], sources.log_masses[:count], sources.groups[:count], near)
    width = len(points) if sources.neighbours is None else near.shape[1]
    block = partial(_block, points=points, summed=summed, sources=sources, model=model, closely=closely)
    size = 1 << max(0, (_BLOCK // width).bit_length() - 1)
    if size >= count:
        return block(rows)
    size = min(size, count & -count)  # the largest power of 2 that divides the number of rows
    blocked = jax.tree.map(lambda leaf: leaf.reshape(count // size, size, *leaf.shape[1:]), rows)
    return jax.tree.map(lambda leaf: leaf.reshape(count, *leaf.shape[2:]), jax.lax.map(block, blocked))


def _block(rows: _Rows, points, summed, sources, model, closely) -> tuple[Array, ...]:
    """Weighted average of x_j - x_i (up to a multiple of x_i), log of its unit, and on demand what `Contacts` needs.

    The points come a second time with ones beside them: one product then gives their sum and that of the weights.
    """
    gaps, log_masses, groups, listed = _felt(rows, points, sources)
    exponents = log_masses - sources.beta * gaps
    top = jnp.max(exponents, axis=1)
    relative = exponents - top[:, None]
    weights = jnp.where(relative > _NEGLIGIBLE, exp_nonpositive(relative), 0.0)
    if listed is None:
        sums = weights @ summed
        total = sums[:, -1]
        average = sums[:, :-1] - total[:, None] * rows.tokens
    else:
        total = weights @ jnp.ones(weights.shape[1])
        average = jnp.einsum("ij,ijc->ic", weights, listed - rows.tokens[:, None])
    log_size = top
    if model is Model.SA:
        ahead = rows.log_masses - top  # of its own weight
        larger = jnp.maximum(ahead, 0.0)
        log_size = -larger - jnp.log(total * jnp.exp(-larger) + jnp.exp(jnp.minimum(ahead, 0.0)))
    if not closely:
        return average, log_size
    rate = total + sources.beta * ((weights * gaps * (2 - gaps)) @ jnp.ones(weights.shape[1]))
    real = jnp.where(log_masses > -jnp.inf, gaps, jnp.inf)
    foreign = jnp.where(groups == rows.groups[:, None], jnp.inf, real)
    return average, log_size, log_size + jnp.log(rate), jnp.min(real, axis=1), jnp.min(foreign, axis=1)


def _felt(rows: _Rows, points, sources):
    """Gaps, log masses and labels of what the rows feel, and where it is if it is listed."""
    tokens = rows.tokens.T[:, :, None]
    if sources.neighbours is None:
        itself = rows.near[:, None] == jnp.arange(len(points))[None]
        log_masses = jnp.where(itself, -jnp.inf, sources.log_masses[None])
        return _gaps(tokens, points.T[:, None, :]), log_masses, sources.groups[None], None
    listed = jnp.append(points, points[:1], axis=0)[rows.near]
    log_masses = jnp.append(sources.log_masses, -jnp.inf)[rows.near]
    groups = jnp.append(sources.groups, 0)[rows.near]
    return _gaps(tokens, listed.transpose(2, 0, 1)), log_masses, groups, listed


def _gaps(tokens, others):
    if len(tokens) <= 8:
        return sum((x - y) ** 2 for x, y in zip(tokens, others, strict=True)) / 2
    return jnp.sum((tokens - others) ** 2, axis=0) / 2
