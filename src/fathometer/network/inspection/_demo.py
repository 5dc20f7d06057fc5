"""A small transformer on handwritten digits, trained in seconds, for whoever has no network at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from fathometer.network.inspection._digits_transformer import (
    PATCHES,
    PIXELS,
    Parameters,
    digits_transformer,
    looped,
)

BLOCKS, WIDTH, HIDDEN, CLASSES = 4, 32, 64, 10
TRAINED, STEPS, BATCH, RATE = 1200, 500, 32, 3e-3
SEED = 0

Model = Callable[[Float[Array, "rows 64"]], Float[Array, "rows 10"]]


@dataclass(frozen=True, eq=False)
class Demo:
    """A trained network with its data.

    Attributes:
        model: the function `digits_transformer` and its parameters, in the form that `wrap` takes.
        loss: of the network on rows, `loss(model, X, y)`.
        X: images, shape (1797, 64), entries in [0, 1].
        y: their digits, shape (1797,).
        saw: numbers of the rows that it was trained on, shape (1200,).
    """

    model: tuple[Callable[..., Array], Parameters]
    loss: Callable[..., Array]
    X: NDArray[np.float32]
    y: NDArray[np.int64]
    saw: NDArray[np.int64]


@lru_cache(maxsize=1)
def demo() -> Demo:
    """Train it: scikit-learn's digits, 34 000 parameters, 500 steps of Adam, the same result on every call."""
    images, labels = _digits()
    draw = np.random.default_rng(SEED)
    saw = np.sort(draw.permutation(len(images))[:TRAINED])
    batches = draw.choice(saw, (STEPS, BATCH)).astype(np.int32)
    parameters = _unstacked(_trained(_start(draw), *map(jnp.asarray, (images, labels, batches))))
    return Demo((digits_transformer, parameters), cross_entropy, images, labels, saw)


def demo_network() -> tuple[tuple[Callable[..., Array], Parameters], Callable[..., Array]]:
    """The same as a factory, for commands: `fathometer network sharpness fathometer.network:demo_network ...`."""
    shown = demo()
    return shown.model, shown.loss


def cross_entropy(model: Model, X: Float[Array, "rows 64"], y: Int[Array, " rows"]) -> Float[Array, ""]:
    """Mean of -log p(y | x) over rows.

    Args:
        model: from rows to scores.
        X: images.
        y: their digits.
    """
    logarithms = jax.nn.log_softmax(model(X))
    return -jnp.take_along_axis(logarithms, y[:, None], axis=1).mean()


def _digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    images, labels = map(np.asarray, load_digits(return_X_y=True))
    return (images / 16).astype(np.float32), labels.astype(np.int64)


def _start(draw: np.random.Generator) -> Parameters:
    """Parameters before training: Gaussian with variance 1/inputs, biases zero; blocks are stacked."""

    def gaussian(*shape: int) -> Float[Array, "..."]:
        return jnp.asarray(draw.standard_normal(shape) / np.sqrt(shape[-2]), jnp.float32)

    ones, zeros = partial(jnp.ones, dtype=jnp.float32), partial(jnp.zeros, dtype=jnp.float32)
    return {
        "embedding": gaussian(PIXELS, WIDTH),
        "position": gaussian(PATCHES, WIDTH),
        "blocks": {
            "attn": {name: gaussian(BLOCKS, WIDTH, WIDTH) for name in ("query", "key", "value", "output")},
            "norm1": ones((BLOCKS, WIDTH)),
            "mlp": {
                "into": gaussian(BLOCKS, WIDTH, HIDDEN),
                "bias_into": zeros((BLOCKS, HIDDEN)),
                "out": gaussian(BLOCKS, HIDDEN, WIDTH),
                "bias_out": zeros((BLOCKS, WIDTH)),
            },
            "norm2": ones((BLOCKS, WIDTH)),
        },
        "norm": ones(WIDTH),
        "head": zeros((WIDTH, CLASSES)),
        "bias": zeros(CLASSES),
    }


@jax.jit
def _trained(
    parameters: Parameters, X: Float[Array, "rows 64"], y: Int[Array, " rows"], batches: Int[Array, "steps batch"]
) -> Parameters:
    """Adam with a rate that falls to zero, on parameters with stacked blocks."""
    rule = optax.adam(optax.cosine_decay_schedule(RATE, STEPS))

    def step(state: tuple[Any, Any], rows: Int[Array, " batch"]) -> tuple[tuple[Any, Any], None]:
        parameters, memory = state
        gradient = jax.grad(lambda p: cross_entropy(partial(looped, p), X[rows], y[rows]))(parameters)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes integers and floats in its count of steps
            update, memory = rule.update(gradient, memory, parameters)
        return (optax.apply_updates(parameters, update), memory), None

    return jax.lax.scan(step, (parameters, rule.init(parameters)), batches)[0][0]


def _unstacked(parameters: Parameters) -> Parameters:
    blocks = [jax.tree.map(lambda array, k=k: array[k], parameters["blocks"]) for k in range(BLOCKS)]
    return parameters | {"blocks": blocks}
