"""A small transformer on handwritten digits, trained in seconds, for whoever has no network at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

BLOCKS, WIDTH, HEADS, HIDDEN, CLASSES = 4, 32, 4, 64, 10
PATCHES, PIXELS = 16, 4  # an image of 8 by 8 is cut into 4 by 4 patches of 2 by 2 pixels
TRAINED, STEPS, BATCH, RATE = 1200, 500, 32, 3e-3
SEED = 0

Parameters = dict[str, Any]
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
    parameters = _trained(jax.random.key(SEED), jnp.asarray(images), jnp.asarray(labels), jnp.asarray(batches))
    return Demo((digits_transformer, parameters), cross_entropy, images, labels, saw)


def digits_transformer(parameters: Parameters, images: Float[Array, "rows 64"]) -> Float[Array, "rows 10"]:
    """Scores of a transformer with pre-normalisation, whose tokens are the patches of an image.

    Args:
        parameters: of the network.
        images: entries in [0, 1].
    """
    x = _patches(images) @ parameters["embedding"] + parameters["position"]
    for block in parameters["blocks"]:
        x = x + _attention(block["attn"], _norm(x, block["norm1"]))
        x = x + _mlp(block["mlp"], _norm(x, block["norm2"]))
    return _norm(x, parameters["norm"]).mean(axis=1) @ parameters["head"] + parameters["bias"]


def cross_entropy(model: Model, X: Float[Array, "rows 64"], y: Int[Array, " rows"]) -> Float[Array, ""]:
    """Mean of -log p(y | x) over rows.

    Args:
        model: from rows to scores.
        X: images.
        y: their digits.
    """
    return optax.softmax_cross_entropy_with_integer_labels(model(X), y).mean()


def _digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return (images / 16).astype(np.float32), labels.astype(np.int64)


def _patches(images: Float[Array, "rows 64"]) -> Float[Array, "rows 16 4"]:
    corners = images.reshape(-1, 4, 2, 4, 2)
    return corners.transpose(0, 1, 3, 2, 4).reshape(-1, PATCHES, PIXELS)


def _attention(part: Parameters, x: Float[Array, "rows n d"]) -> Float[Array, "rows n d"]:
    query, key, value = (_heads(x @ part[name]) for name in ("query", "key", "value"))
    scores = jnp.einsum("rhid,rhjd->rhij", query, key) / np.float32(np.sqrt(WIDTH // HEADS))
    mixed = jnp.einsum("rhij,rhjd->rihd", jax.nn.softmax(scores), value)
    return mixed.reshape(x.shape) @ part["output"]


def _heads(x: Float[Array, "rows n d"]) -> Float[Array, "rows heads n k"]:
    return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)


def _mlp(part: Parameters, x: Float[Array, "rows n d"]) -> Float[Array, "rows n d"]:
    return jax.nn.gelu(x @ part["into"] + part["bias_into"]) @ part["out"] + part["bias_out"]


def _norm(x: Float[Array, "rows n d"], scale: Float[Array, " d"]) -> Float[Array, "rows n d"]:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(axis=-1, keepdims=True) + 1e-5) * scale


def _start(key: Array) -> Parameters:
    """Parameters before training: Gaussian with variance 1/inputs, biases zero."""
    keys = iter(jax.random.split(key, 2 + 6 * BLOCKS))
    return {
        "embedding": _gaussian(next(keys), PIXELS, WIDTH),
        "position": _gaussian(next(keys), PATCHES, WIDTH),
        "blocks": [_block(keys) for _ in range(BLOCKS)],
        "norm": jnp.ones(WIDTH, jnp.float32),
        "head": jnp.zeros((WIDTH, CLASSES), jnp.float32),
        "bias": jnp.zeros(CLASSES, jnp.float32),
    }


def _block(keys: Any) -> Parameters:
    return {
        "attn": {name: _gaussian(next(keys), WIDTH, WIDTH) for name in ("query", "key", "value", "output")},
        "norm1": jnp.ones(WIDTH, jnp.float32),
        "mlp": {
            "into": _gaussian(next(keys), WIDTH, HIDDEN),
            "bias_into": jnp.zeros(HIDDEN, jnp.float32),
            "out": _gaussian(next(keys), HIDDEN, WIDTH),
            "bias_out": jnp.zeros(WIDTH, jnp.float32),
        },
        "norm2": jnp.ones(WIDTH, jnp.float32),
    }


def _gaussian(key: Array, rows: int, columns: int) -> Float[Array, "rows columns"]:
    return jax.random.normal(key, (rows, columns), jnp.float32) / np.float32(np.sqrt(rows))


@jax.jit
def _trained(
    key: Array, X: Float[Array, "rows 64"], y: Int[Array, " rows"], batches: Int[Array, "steps batch"]
) -> Parameters:
    """Adam with a rate that falls to zero."""
    rule = optax.adam(optax.cosine_decay_schedule(RATE, STEPS))
    parameters = _start(key)

    def step(state: tuple[Parameters, Any], rows: Int[Array, " batch"]) -> tuple[tuple[Parameters, Any], None]:
        parameters, memory = state
        gradient = jax.grad(lambda p: cross_entropy(lambda x: digits_transformer(p, x), X[rows], y[rows]))(parameters)
        update, memory = rule.update(gradient, memory, parameters)
        return (optax.apply_updates(parameters, update), memory), None

    return jax.lax.scan(step, (parameters, rule.init(parameters)), batches)[0][0]
