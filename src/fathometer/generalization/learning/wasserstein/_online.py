"""Algorithm 2: one round for each point, kept near the model of the round before; and online gradient descent."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from fathometer.generalization.learning.wasserstein._batch import optimiser
from fathometer.generalization.learning.wasserstein._loss import log_barrier, multi_margin
from fathometer.generalization.learning.wasserstein._network import Network, Params, distance, widened
from fathometer.generalization.learning.wasserstein._options import Options
from fathometer.generalization.learning.wasserstein._progress import Say, now_and_then

ROUNDS_TOGETHER = 200
"""Rounds that are played in one call: between calls there is progress to report, and an interrupt is heard."""


class OnlineRun(NamedTuple):
    """What was seen in each round; h_0 is the start and h_i the model after the point z_i.

    Attributes:
        before: shape (m,), loss of h_{i-1} on z_i, clipped to [0, 1], in float64.
        after: shape (m,), loss of h_i on z_i, likewise.
        moves: shape (m,), distance of h_i from h_{i-1}, in float64.
        errors: shape (m,), whether h_i errs on z_i.
        test_errors: shape (m,), whether h_i errs on the i-th test point.
        test_losses: shape (m,), loss of h_i on the i-th test point, clipped to [0, 1], in float64.
        last: h_m.
    """

    before: Array
    after: Array
    moves: Array
    errors: Array
    test_errors: Array
    test_losses: Array
    last: Params


def learn_online(
    network: Network,
    x: Float[np.ndarray, "m p"],
    y: Int[np.ndarray, " m"],
    x_test: Float[np.ndarray, "k p"],
    y_test: Int[np.ndarray, " k"],
    options: Options,
    *,
    regularised: bool = True,
    seed: int = 0,
    say: Say | None = None,
) -> OnlineRun:
    """Run Algorithm 2 in float32, or online gradient descent, with one optimiser state for the whole stream.

    Args:
        network: the model.
        x: features, one row for each round.
        y: labels, from 0 to classes - 1.
        x_test: test features, one for each round; taken again from the first when they are used up.
        y_test: test labels.
        options: of the algorithm.
        regularised: whether each round takes `inner_steps` steps on loss, distance and barrier; else one on the loss.
        seed: of the start.
        say: is told every few seconds how many rounds were played.
    """
    m = len(x)
    again = np.arange(m) % len(x_test)
    kinds = (jnp.float32, jnp.int64, jnp.float32, jnp.int64)
    rounds = tuple(map(jnp.asarray, (x, y, x_test[again], y_test[again]), kinds))
    start = network.initial(jax.random.key(seed), options.learned_scale)
    report = now_and_then("online" if regularised else "online descent", say)
    state = jax.tree.map(jnp.copy, (start, optimiser(options).init(start)))  # the memory of both is given away
    seen = tuple(jnp.zeros(m, kind) for kind in (float, float, float, bool, bool, float))
    for first in range(0, m, ROUNDS_TOGETHER):
        last = min(first + ROUNDS_TOGETHER, m)
        state, seen = _play(state, seen, (first, last), rounds, network, options, regularised)
        if report is not None:
            jax.block_until_ready(state)
            report(f"{last} of {m} rounds")
    return OnlineRun._make((*seen, state[0]))


@partial(jax.jit, static_argnames=("network", "options", "regularised"), donate_argnames=("state", "seen"))
def _play(
    state: tuple,
    seen: tuple,
    numbers: tuple[Array, Array],
    rounds: tuple[Array, Array, Array, Array],
    network: Network,
    options: Options,
    regularised: bool,
) -> tuple[tuple, tuple]:
    """Play from one round to another, and note what is seen."""
    coins = optimiser(options)

    def objective(params: Params, before: Params, row: Array, label: Array) -> Array:
        loss = multi_margin(network.scores(params, row[None]), label[None], options.clip)[0]
        if not regularised:
            return loss
        away = distance(params, before)
        return loss + away + log_barrier(away - 1, options.barrier)

    def play(number: Array, carried: tuple) -> tuple:
        state, seen = carried
        before, _ = state
        row, label, row_test, label_test = (values[number] for values in rounds)

        def step(_: Any, inner: tuple) -> tuple:
            params, memory = inner
            moves, memory = coins.update(jax.grad(objective)(params, before, row, label), memory, params)
            return optax.apply_updates(params, moves), memory

        state = jax.lax.fori_loop(0, options.inner_steps if regularised else 1, step, state)
        old, new = widened(before), widened(state[0])
        first, own = scored(network, old, row, label)[0], scored(network, new, row, label)
        test = scored(network, new, row_test, label_test)
        numbers = (first, own[0], distance(new, old), own[1], test[1], test[0])
        return state, tuple(row.at[number].set(value) for row, value in zip(seen, numbers, strict=True))

    return jax.lax.fori_loop(*numbers, play, (state, seen))


def scored(
    network: Network, params: Params, row: Float[Array, " p"], label: Int[Array, ""]
) -> tuple[Float[Array, ""], Array]:
    """Clipped loss, and whether the class is wrong, of one point in the precision of the parameters.

    Args:
        network: of which model.
        params: its parameters.
        row: features of the point.
        label: number of its class.
    """
    scores = network.scores(params, row.astype(params.biases[0].dtype)[None])
    return multi_margin(scores, label[None], clip=True)[0], jnp.argmax(scores) != label
