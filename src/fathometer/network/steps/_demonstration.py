"""Progressive sharpening and the edge of stability on a small network, in seconds."""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from fathometer.evidence import finite_number, whole_number
from fathometer.network.steps._edge_rules import EdgeRule
from fathometer.network.steps.watch._history import History
from fathometer.network.steps.watch._watch import Watch

WIDTHS = (64, 32, 32, 10)
ROWS = 300


def edge_demonstration(
    rate: float = 0.1, steps: int = 2000, looks: int = 40, sink: Any = None, seed: int = 0
) -> History:
    """Train three layers of tanh on handwritten digits by full-batch gradient descent, and watch the edge.

    The loss is half the squared distance to one-hot labels, in float32. With a large enough learning rate the largest
    eigenvalue rises until 2 / rate and stays about there while the loss falls on, and the smallest step that raises the
    loss falls to the learning rate itself (Cohen et al. 2021).

    Args:
        rate: learning rate, positive.
        steps: of gradient descent, at least 1.
        looks: how many, at most one a step.
        sink: as for `Watch`.
        seed: of the initial weights.
    """
    import jax
    import jax.numpy as jnp

    finite_number("rate", rate, above=0)
    every = -(-whole_number("steps", steps, at_least=1) // whole_number("looks", looks, at_least=1))
    x, y = _digits()
    watch = Watch(_loss, (x, y), every=every, overhead=math.inf, sink=sink)

    @jax.jit
    def descend(parameters: Any) -> Any:
        gradient = jax.grad(lambda p: _loss(lambda rows: _network(p, rows), jnp.asarray(x), jnp.asarray(y)))(parameters)
        return jax.tree.map(lambda w, g: w - jnp.float32(rate) * g, parameters, gradient)

    parameters = _start(seed)
    for _ in range(steps):
        watch.step((_network, parameters), learning_rate=rate, rule=EdgeRule.descent())
        parameters = descend(parameters)
    return watch.history


def _digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    rows, classes = np.asarray(pixels, np.float32)[:ROWS], np.asarray(labels)[:ROWS]
    return rows / 16 - np.float32(0.5), np.eye(10, dtype=np.float32)[classes]


def _start(seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    pairs = pairwise(WIDTHS)
    drawn = ((rng.standard_normal((a, b)) / np.sqrt(a), np.zeros(b)) for a, b in pairs)
    return [(w.astype(np.float32), b.astype(np.float32)) for w, b in drawn]


def _network(parameters: Any, x: Any) -> Any:
    import jax.numpy as jnp

    for weights, shift in parameters[:-1]:
        x = jnp.tanh(x @ weights + shift[None, :])
    return x @ parameters[-1][0] + parameters[-1][1][None, :]


def _loss(model: Any, x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    return jnp.mean(jnp.sum((model(x) - y) ** 2, axis=1)) / 2
