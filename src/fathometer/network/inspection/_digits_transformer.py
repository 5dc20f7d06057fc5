"""A transformer with pre-normalisation, whose tokens are the patches of an image of 8 by 8 pixels."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from fathometer.network.recording import tap

HEADS, PATCHES, PIXELS = 4, 16, 4  # an image is cut into 4 by 4 patches of 2 by 2 pixels

Parameters = dict[str, Any]


def digits_transformer(parameters: Parameters, images: Float[Array, "rows 64"]) -> Float[Array, "rows 10"]:
    """Scores of a transformer with pre-normalisation, whose tokens are the patches of an image.

    Args:
        parameters: of the network, "blocks" a list.
        images: entries in [0, 1].
    """
    if isinstance(images, Tracer):  # nothing to show to a recorder, and a loop is compiled once
        return looped(
            parameters | {"blocks": jax.tree.map(lambda *each: jnp.stack(each), *parameters["blocks"])}, images
        )
    x = embedded(parameters, images)
    for number, block in enumerate(parameters["blocks"]):
        x = passed(block, tap(f"blocks.{number}.resid_pre", x), partial(_tapped, number))
        tap(f"blocks.{number}.resid_post", x)
    return read_out(parameters, x)


def looped(parameters: Parameters, images: Float[Array, "rows 64"]) -> Float[Array, "rows 10"]:
    """The same with the arrays of all blocks stacked.

    Args:
        parameters: of the network, "blocks" one block whose arrays have a first axis more.
        images: entries in [0, 1].
    """
    x, _ = jax.lax.scan(lambda x, block: (passed(block, x), None), embedded(parameters, images), parameters["blocks"])
    return read_out(parameters, x)


def embedded(parameters: Parameters, images: Float[Array, "rows 64"]) -> Float[Array, "rows n d"]:
    """Tokens that enter the first block.

    Args:
        parameters: of the network.
        images: entries in [0, 1].
    """
    return _patches(images) @ parameters["embedding"] + parameters["position"][None]


def passed(
    block: Parameters, x: Float[Array, "rows n d"], show: Callable[[str, Array], object] = lambda name, value: None
) -> Float[Array, "rows n d"]:
    """Tokens after a block.

    Args:
        block: parameters of the block.
        x: tokens before it.
        show: is handed what lies inside the block, by name.
    """
    added, pattern = _attention(block["attn"], _norm(x, block["norm1"]))
    show("pattern", pattern)
    show("attn_out", added)
    x = x + added
    return x + _mlp(block["mlp"], _norm(x, block["norm2"]))


def read_out(parameters: Parameters, x: Float[Array, "rows n d"]) -> Float[Array, "rows 10"]:
    """Scores from the mean of the normalised tokens.

    Args:
        parameters: of the network.
        x: tokens after the last block.
    """
    return _norm(x, parameters["norm"]).mean(axis=1) @ parameters["head"] + parameters["bias"][None]


def _patches(images: Float[Array, "rows 64"]) -> Float[Array, "rows 16 4"]:
    corners = images.reshape(-1, 4, 2, 4, 2)
    return corners.transpose(0, 1, 3, 2, 4).reshape(-1, PATCHES, PIXELS)


def _tapped(number: int, name: str, value: Array) -> None:
    tap(f"blocks.{number}.{name}", value)


def _attention(part: Parameters, x: Float[Array, "rows n d"]) -> tuple[Float[Array, "rows n d"], Float[Array, "..."]]:
    """What attention adds, and its weights."""
    query, key, value = (_heads(x @ part[name]) for name in ("query", "key", "value"))
    scores = jnp.einsum("rhid,rhjd->rhij", query, key) / np.float32(np.sqrt(x.shape[-1] // HEADS))
    pattern = jax.nn.softmax(scores)
    mixed = jnp.einsum("rhij,rhjd->rihd", pattern, value)
    return mixed.reshape(x.shape) @ part["output"], pattern


def _heads(x: Float[Array, "rows n d"]) -> Float[Array, "rows heads n k"]:
    return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)


def _mlp(part: Parameters, x: Float[Array, "rows n d"]) -> Float[Array, "rows n d"]:
    return jax.nn.gelu(x @ part["into"] + part["bias_into"][None, None]) @ part["out"] + part["bias_out"][None, None]


def _norm(x: Float[Array, "rows n d"], scale: Float[Array, " d"]) -> Float[Array, "rows n d"]:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(axis=-1, keepdims=True) + 1e-5) * scale[None, None]
