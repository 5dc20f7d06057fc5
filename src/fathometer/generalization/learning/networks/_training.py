"""Training in float32: the prior mean by cross-entropy, the posterior by minimising a bound; compiled, in batches."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from fathometer.generalization.learning.networks._layers import Weights, drawn_scores
from fathometer.generalization.learning.networks._objectives import OBJECTIVES, best_lambda, complexity
from fathometer.generalization.learning.networks._problem import ClassRows
from fathometer.generalization.learning.networks._settings import Objective

PRIOR_RATE, POSTERIOR_RATE = 1e-3, 1e-2
"""Rates of Adam at the start of a cosine: for weights, and for offsets in units of the prior's standard deviation."""


Level = float | Array


class Offset(NamedTuple):
    """A posterior relative to its prior N(w0, s^2): mean w0 + s u, standard deviation s exp(r)."""

    u: tuple[Array, ...]
    r: tuple[Array, ...]


class Terms(NamedTuple):
    """What the objective of the posterior is made from, all of it fixed."""

    objective: Objective
    prior_sigma: float
    pmin: float
    m: int
    delta: float


def bounded_cross_entropy(logits: Float[Array, "n k"], y: Int[Array, " n"], pmin: Level) -> Float[Array, " n"]:
    """min(-ln p_y, ln(1/pmin)) / ln(1/pmin), in [0, 1].

    Args:
        logits: score of each class, for each row.
        y: number of the right class of each row.
        pmin: smallest probability that counts, in (0, 1).
    """
    log_p = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1)[:, 0]
    return jnp.minimum(-log_p, -jnp.log(pmin)) / -jnp.log(pmin)


def train_mean(
    weights: Weights, rows: ClassRows, *, sigma: float, seed: int, first: int, steps: int, of: int, batch: int
) -> Weights:
    """Continue Adam on the cross-entropy for steps `first` to `first + steps` of a schedule of length `of`.

    Every row sees the weights with fresh noise of standard deviation `sigma`, so that the mean becomes good for the law
    around it. The rate falls to 0 on a cosine; the moments of Adam start anew. Batches are drawn with replacement.

    Args:
        weights: where to start.
        rows: what to train on.
        sigma: standard deviation of the noise on every weight, at least 0.
        seed: of batches and noise.
        first: step of the schedule at which to go on.
        steps: how many to take.
        of: length of the schedule.
        batch: rows of a step; all if there are fewer.
    """
    x, y = jnp.asarray(rows.x, jnp.float32), jnp.asarray(rows.y)
    key = jax.random.fold_in(jax.random.key(seed), first)
    start = tuple(jnp.asarray(matrix, jnp.float32) for matrix in weights)
    mean = _descend_mean(start, x, y, key, jnp.float32(first), jnp.float32(sigma), of, steps, min(batch, len(y)))
    return tuple(np.asarray(matrix) for matrix in mean)


@partial(jax.jit, static_argnames=("of", "steps", "batch"))
def _descend_mean(
    weights: tuple, x: Array, y: Array, key: Array, first: Array, sigma: Array, of: int, steps: int, batch: int
) -> tuple:
    optimiser = optax.adam(_cosine(PRIOR_RATE, first, of))
    spread = tuple(jnp.full_like(matrix, sigma) for matrix in weights)

    def loss(weights: tuple, key: Array) -> Array:
        index, noise = _batch(key, weights, len(y), batch)
        logits = drawn_scores(weights, spread, x[index], noise)
        return optax.softmax_cross_entropy_with_integer_labels(logits, y[index]).mean()

    def step(state: tuple, key: Array) -> tuple[tuple, None]:
        weights, memory = state
        return _moved(optimiser, jax.grad(loss)(weights, key), weights, memory), None

    return jax.lax.scan(step, (weights, optimiser.init(weights)), jax.random.split(key, steps))[0][0]


def _moved(optimiser: optax.GradientTransformation, gradient: Any, values: Any, memory: Any) -> tuple[Any, Any]:
    """One step of optax, which mixes integers and floats in its count of steps."""
    with jax.numpy_dtype_promotion("standard"):
        updates, memory = optimiser.update(gradient, memory)
        return optax.apply_updates(values, updates), memory


def _cosine(rate: float, first: Array | float, of: int) -> Callable[[Any], Any]:
    """A rate that falls to 0 on half a wave of length `of`, of which `first` steps are done."""
    return lambda count: rate * (1 + jnp.cos(jnp.pi * (jnp.float32(count) + first) / of)) / 2


def _batch(key: Array, weights: tuple, rows: int, batch: int) -> tuple[Array, list[Array]]:
    """Row numbers drawn with replacement, and the noise of one network for each."""
    pick, draw = jax.random.split(key)
    ends = np.cumsum([matrix.shape[1] for matrix in weights])
    shocks = jax.random.normal(draw, (batch, int(ends[-1])), jnp.float32)
    return jax.random.randint(pick, (batch,), 0, rows), jnp.split(shocks, ends[:-1], axis=1)


def train_posterior(
    prior: Weights, rows: ClassRows, terms: Terms, *, seed: int, steps: int, batch: int
) -> tuple[Weights, Weights]:
    """Mean and standard deviations of a Gaussian posterior that starts at the prior and minimises a bound.

    Adam in whitened coordinates, where the KL is (|u|^2 + sum exp(2r) - 1 - 2r)/2. The gradient is reparametrised
    with a fresh network for every row. The lambda of the objective of that name is the best one of the step before
    (alternate minimisation).

    Args:
        prior: its mean, and where to start.
        rows: of the certificate part.
        terms: of the bound that is minimised.
        seed: of batches and noise.
        steps: how many to take.
        batch: rows of a step; all if there are fewer.
    """
    x, y = jnp.asarray(rows.x, jnp.float32), jnp.asarray(rows.y)
    centre = tuple(jnp.asarray(matrix, jnp.float32) for matrix in prior)
    key = jax.random.fold_in(jax.random.key(seed), 2**31 - 1)
    mean, sigma = _descend_posterior(centre, x, y, key, terms, steps, min(batch, len(y)))
    return tuple(map(np.asarray, mean)), tuple(map(np.asarray, sigma))


def _law(prior: tuple, offset: Offset, prior_sigma: float) -> tuple[tuple, tuple]:
    mean = tuple(centre + prior_sigma * u for centre, u in zip(prior, offset.u, strict=True))
    return mean, tuple(prior_sigma * jnp.exp(r) for r in offset.r)


def _offset_kl(offset: Offset) -> Array:
    layers = zip(offset.u, offset.r, strict=True)
    return jnp.stack([jnp.sum(u**2 + jnp.expm1(2 * r) - 2 * r) for u, r in layers]).sum() / 2


@partial(jax.jit, static_argnames=("terms", "steps", "batch"))
def _descend_posterior(prior: tuple, x: Array, y: Array, key: Array, terms: Terms, steps: int, batch: int):
    optimiser = optax.adam(_cosine(POSTERIOR_RATE, 0, steps))
    start = Offset(*(tuple(jnp.zeros_like(matrix) for matrix in prior) for _ in range(2)))

    def loss(offset: Offset, key: Array, lam: Array) -> tuple[Array, Array]:
        index, noise = _batch(key, prior, len(y), batch)
        logits = drawn_scores(*_law(prior, offset, terms.prior_sigma), x[index], noise)
        risk = bounded_cross_entropy(logits, y[index], terms.pmin).mean()
        c = complexity(_offset_kl(offset), terms.m, terms.delta)
        return OBJECTIVES[terms.objective](risk, c, lam), best_lambda(risk, c)

    def step(state: tuple, key: Array) -> tuple[tuple, None]:
        offset, memory, lam = state
        gradient, lam = jax.grad(loss, has_aux=True)(offset, key, lam)
        return (*_moved(optimiser, gradient, offset, memory), lam), None

    state = (start, optimiser.init(start), jnp.ones((), jnp.float32))
    offset = jax.lax.scan(step, state, jax.random.split(key, steps))[0][0]
    return _law(prior, offset, terms.prior_sigma)
