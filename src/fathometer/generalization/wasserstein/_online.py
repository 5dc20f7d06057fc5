"""Algorithm 2: one round for each point, kept near the model of the round before; and online gradient descent."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int
from optax.contrib import scale_by_cocob

from fathometer.generalization.wasserstein._batch import SMALLEST_SCALE
from fathometer.generalization.wasserstein._loss import log_barrier, multi_margin
from fathometer.generalization.wasserstein._network import Network, Params, distance, widened
from fathometer.generalization.wasserstein._options import Options


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
    """
    again = np.arange(len(x)) % len(x_test)
    points = [jnp.asarray(values, jnp.float32) for values in (x, x_test[again])]
    labels = [jnp.asarray(values, jnp.int64) for values in (y, y_test[again])]
    start = network.initial(jax.random.key(seed), options.learned_scale)
    return stream(start, points[0], labels[0], points[1], labels[1], network, options, regularised)


@partial(jax.jit, static_argnames=("network", "options", "regularised"))
def stream(
    start: Params,
    x: Float[Array, "m p"],
    y: Int[Array, " m"],
    x_test: Float[Array, "m p"],
    y_test: Int[Array, " m"],
    network: Network,
    options: Options,
    regularised: bool,
) -> OnlineRun:
    """All rounds."""
    coins = scale_by_cocob(options.alpha, SMALLEST_SCALE)

    def objective(params: Params, before: Params, row: Array, label: Array) -> Array:
        loss = multi_margin(network.scores(params, row[None]), label[None], options.clip)[0]
        if not regularised:
            return loss
        away = distance(params, before)
        return loss + away + log_barrier(away - 1, options.barrier)

    def play(state: tuple, point: tuple) -> tuple[tuple, tuple]:
        before, _ = state
        row, label, row_test, label_test = point

        def step(_: Any, inner: tuple) -> tuple:
            params, memory = inner
            moves, memory = coins.update(jax.grad(objective)(params, before, row, label), memory, params)
            return optax.apply_updates(params, moves), memory

        state = jax.lax.fori_loop(0, options.inner_steps if regularised else 1, step, state)
        old, new = widened(before), widened(state[0])
        first, own = scored(network, old, row, label)[0], scored(network, new, row, label)
        test = scored(network, new, row_test, label_test)
        return state, (first, own[0], distance(new, old), own[1], test[1], test[0])

    (last, _), seen = jax.lax.scan(play, (start, coins.init(start)), (x, y, x_test, y_test))
    before, after, moves, errors, test_errors, test_losses = seen
    return OnlineRun(before, after, moves, errors, test_errors, test_losses, last)


def scored(
    network: Network, params: Params, row: Float[Array, " p"], label: Int[Array, ""]
) -> tuple[Float[Array, ""], Array]:
    """Clipped loss, and whether the class is wrong, of one point in the precision of the parameters."""
    scores = network.scores(params, row.astype(params.biases[0].dtype)[None])
    return multi_margin(scores, label[None], clip=True)[0], jnp.argmax(scores) != label
