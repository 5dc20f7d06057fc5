"""Algorithm 1: data-dependent priors on all blocks but one, and a posterior that is pulled towards them."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import NDArray
from optax.contrib import scale_by_cocob

from fathometer.evidence import InputError, whole_number
from fathometer.generalization.learning.wasserstein._loss import linear_lipschitz, multi_margin
from fathometer.generalization.learning.wasserstein._network import Network, Params, copies, distances
from fathometer.generalization.learning.wasserstein._options import Options
from fathometer.generalization.learning.wasserstein._progress import Say, now_and_then

SMALLEST_SCALE = 1e-9
"""Where COCOB starts its largest observed gradient."""

STEPS_TOGETHER = 200
"""Steps that are compiled into one call: between calls there is progress to report, and an interrupt is heard."""

VARIANTS = ("eps=1/m", "eps=1/sqrt(m)", "erm", "l2 eps=1/m", "l2 eps=1/sqrt(m)", "eps=2L")
"""The posteriors that are trained side by side: Algorithm 1 with both strengths, the published baselines, and
Algorithm 1 with the strength that the theorem asks for, L being the constant of the linear model."""


class BatchRun(NamedTuple):
    """What Algorithm 1 learnt.

    Attributes:
        priors: the K models, along the leading axis.
        posteriors: one model for each of `VARIANTS`, along the leading axis.
        block: shape (m,), the block of each row; -1 for a row in none.
    """

    priors: Params
    posteriors: Params
    block: NDArray[np.int64]


def blocks(m: int, count: int, cover: bool) -> NDArray[np.int64]:
    """Number the rows by contiguous blocks.

    Args:
        m: number of rows.
        count: number of blocks, K.
        cover: whether the sizes differ by at most one; else every block has int(m/K) rows and the rest is in none (-1).

    Raises:
        InputError: if there are more blocks than rows.
    """
    whole_number("K", count, at_least=1)
    if count > m:
        raise InputError(f"K must be at most the number of rows, {m}, got {count}")
    if cover:
        return np.arange(m) * count // m
    block = np.arange(m) // (m // count)
    return np.where(block < count, block, -1)


def learn_batch(
    network: Network,
    x: Float[np.ndarray, "m p"],
    y: Int[np.ndarray, " m"],
    count: int,
    options: Options,
    seed: int = 0,
    say: Say | None = None,
) -> BatchRun:
    """Run Algorithm 1 and its baselines, all priors at once and then all posteriors at once, in float32.

    Args:
        network: the model.
        x: features.
        y: labels, from 0 to classes - 1.
        count: K, the number of priors; with 1 the prior is the start, which saw no data.
        options: of the algorithm.
        seed: of the start and of the order of the batches.
        say: is told every few seconds how far the training is.

    Raises:
        InputError: if K is larger than the number of rows.
    """
    m, block = len(x), blocks(len(x), count, options.cover)
    rows, labels = jnp.asarray(x, jnp.float32), jnp.asarray(y, jnp.int64)
    key, first, second = jax.random.split(jax.random.key(seed), 3)
    start = network.initial(key, options.learned_scale)
    priors = copies(start, count)
    if count > 1:
        seen = jnp.asarray(block[:, None] != np.arange(count))
        nothing = jax.tree.map(lambda leaf: leaf[:0], priors)
        none = jnp.zeros((count, 0), jnp.float32)
        lesson = Lesson(rows, labels, seen, nothing, none, first)
        priors = train_copies(priors, lesson, network, options, now_and_then("priors", say))
    zero = jax.tree.map(lambda leaf: jnp.zeros((1, *leaf.shape), leaf.dtype), start)
    anchors = jax.tree.map(lambda p, z: jnp.concatenate([p, z]), priors, zero)
    pull = jnp.asarray(strengths(block, count, network.classes), jnp.float32)
    everything = jnp.ones((m, len(VARIANTS)), bool)
    lesson = Lesson(rows, labels, everything, anchors, pull, second)
    posteriors = train_copies(copies(start, len(VARIANTS)), lesson, network, options, now_and_then("posteriors", say))
    return BatchRun(priors, posteriors, block)


def strengths(block: NDArray[np.int64], count: int, classes: int) -> Float[np.ndarray, "v a"]:
    """How strongly each of `VARIANTS` is pulled to the priors, |S_i|/m times eps, and (last column) to the origin.

    Args:
        block: shape (m,), the block of each row; -1 for a row in none.
        count: number of blocks.
        classes: number of classes.
    """
    m = len(block)
    shares = np.bincount(block[block >= 0], minlength=count) / m
    pull = np.zeros((len(VARIANTS), count + 1))
    for row, eps in ((0, 1 / m), (1, 1 / np.sqrt(m))):
        pull[row, :count], pull[3 + row, count] = eps * shares, eps
    pull[5, :count] = 2 * linear_lipschitz(classes) * shares
    return pull


class Lesson(NamedTuple):
    """What many models learn from.

    Attributes:
        x: features.
        y: labels.
        seen: which rows each model may see.
        anchors: models that they are pulled towards, along the leading axis.
        pull: how strongly each is pulled to each.
        key: of the order of the batches.
    """

    x: Float[Array, "m p"]
    y: Int[Array, " m"]
    seen: Bool[Array, "m c"]
    anchors: Params
    pull: Float[Array, "c a"]
    key: Array


def train_copies(start: Params, lesson: Lesson, network: Network, options: Options, say: Say | None = None) -> Params:
    """Train many models on the same batches, each on the rows that it may see.

    Each minimises the mean loss over the rows of the batch that it may see, plus its pull times the distances to the
    anchors (not squared). A model that may see no row of a batch, and is not pulled, does not move.

    Args:
        start: the models, along the leading axis.
        lesson: what they learn from.
        network: what they are.
        options: of the optimiser.
        say: is told how far the training is.
    """
    batches, epochs = schedule(len(lesson.x), options)
    state = jax.tree.map(jnp.copy, (start, optimiser(options).init(start)))  # the memory of both is given away
    together = max(1, STEPS_TOGETHER // batches)
    for first in range(0, epochs, together):
        last = min(first + together, epochs)
        state = _train_epochs(state, (first, last), lesson, network, options)
        if say is not None:
            jax.block_until_ready(state)
            say(f"{last * batches} of {epochs * batches} steps")
    return state[0]


@partial(jax.jit, static_argnames=("network", "options"), donate_argnames="state")
def _train_epochs(
    state: tuple, numbers: tuple[Array, Array], lesson: Lesson, network: Network, options: Options
) -> tuple:
    """Go on with the models and the optimiser's memory from one epoch to another."""
    x, y, seen, anchors, pull, key = lesson
    m = len(x)
    x, y, seen = (jnp.concatenate([a, jnp.zeros((1, *a.shape[1:]), a.dtype)]) for a in (x, y, seen))
    coins = optimiser(options)

    def objective(params: Params, rows: Array, labels: Array, weight: Array, strength: Array) -> Array:
        losses = multi_margin(network.scores(params, rows), labels, options.clip)
        mean = jnp.sum(weight * losses) / jnp.maximum(jnp.sum(weight), 1)
        return mean + jnp.sum(strength * distances(params, anchors)) if strength.size else mean

    gradients = jax.vmap(jax.grad(objective), in_axes=(0, None, None, 1, 0))

    def step(state: tuple, rows: Array) -> tuple[tuple, None]:
        params, memory = state
        slopes = gradients(params, x[rows], y[rows], seen[rows].astype(x.dtype), pull)
        moves, memory = coins.update(slopes, memory, params)
        return (optax.apply_updates(params, moves), memory), None

    def epoch(number: Array, state: tuple) -> tuple:
        return jax.lax.scan(step, state, _order(number, m, options, key))[0]

    return jax.lax.fori_loop(*numbers, epoch, state)


def schedule(m: int, options: Options) -> tuple[int, int]:
    """Number of batches of an epoch, and number of epochs."""
    return -(-m // min(options.batch, m)), -(-options.steps * options.batch // m)


def _order(number: Array, m: int, options: Options, key: Array) -> Int[Array, "n b"]:
    """Rows of each batch of an epoch; m stands for no row."""
    size = min(options.batch, m)
    count, _ = schedule(m, options)
    rows = jax.random.permutation(jax.random.fold_in(key, number), m) if options.shuffle else jnp.arange(m)
    return jnp.concatenate([rows, jnp.full(count * size - m, m, rows.dtype)]).reshape(count, size)


def optimiser(options: Options) -> optax.GradientTransformation:
    """COCOB, which both algorithms use."""
    return scale_by_cocob(options.alpha, SMALLEST_SCALE)
