"""The two models: linear, and with hidden layers of leaky ReLU."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.evidence import InputError
from fathometer.generalization.learning.wasserstein._loss import length, sum_of_squares

HIDDEN = {"linear": (), "nn": (600, 600)}
"""Hidden layers of the published models."""

SLOPE, SPREAD, FIRST_BIAS = 0.01, 0.04, 0.1


class Params(NamedTuple):
    """Weights of one model, or with a leading axis of many.

    Attributes:
        weights: one matrix (outputs, inputs) for each layer.
        biases: one vector (outputs,) for each layer.
        scale: s, of the factor exp(s) on the scores; None if there is none.
    """

    weights: tuple[Any, ...]
    biases: tuple[Any, ...]
    scale: Any = None

    @property
    def measured(self) -> tuple[Any, ...]:
        """What distances are measured in: everything but the scale."""
        return (*self.weights, *self.biases)


@dataclass(frozen=True)
class Network:
    """A model.

    Attributes:
        inputs: number of features.
        hidden: sizes of the hidden layers; none for the linear model.
        classes: number of classes.
    """

    inputs: int
    hidden: tuple[int, ...]
    classes: int

    @classmethod
    def named(cls, model: str, inputs: int, classes: int) -> "Network":
        """One of the published models.

        Args:
            model: linear or nn.
            inputs: number of features.
            classes: number of classes.

        Raises:
            InputError: if there is none of that name.
        """
        if model not in HIDDEN:
            raise InputError(f"model must be {' or '.join(HIDDEN)}, got {model!r}")
        return cls(inputs, HIDDEN[model], classes)

    def initial(self, key: Array, learned_scale: bool) -> Params:
        """Start: zero if linear, else N(0, 0.04^2) clipped at two deviations from one key for every layer."""
        sizes = (self.inputs, *self.hidden, self.classes)
        spread = SPREAD if self.hidden else 0.0
        weights = tuple(
            spread * jnp.clip(jax.random.normal(key, (out, into), jnp.float32), -2, 2) for into, out in pairwise(sizes)
        )
        first = FIRST_BIAS if self.hidden else 0.0
        biases = tuple(jnp.full(out, first if layer == 0 else 0.0, jnp.float32) for layer, out in enumerate(sizes[1:]))
        return Params(weights, biases, jnp.zeros((), jnp.float32) if learned_scale else None)

    def scores(self, params: Params, x: Float[Array, "n p"]) -> Float[Array, "n k"]:
        """Scores of all classes."""
        for layer, (weight, bias) in enumerate(zip(params.weights, params.biases, strict=True)):
            x = x @ weight.T + bias[None]
            if layer < len(self.hidden):
                x = jnp.where(x >= 0, x, SLOPE * x)
        return x if params.scale is None else jnp.exp(params.scale) * x


def distance(one: Params, other: Params) -> Float[Array, ""]:
    """Euclidean distance of the weights, the scale left out."""
    return length(sum_of_squares(jax.tree.map(jnp.subtract, one.measured, other.measured)))


@jax.custom_vjp
def distances(one: Params, others: Params) -> Float[Array, " a"]:
    """Euclidean distances of one model from many, whose derivative takes no memory for their differences."""
    return length(sum_of_squares(jax.tree.map(lambda w, v: w[None] - v, one.measured, others.measured), keep=1))


def _distances(one: Params, others: Params) -> tuple[Float[Array, " a"], tuple[Params, Params, Float[Array, " a"]]]:
    lengths = distances(one, others)
    return lengths, (one, others, lengths)


def _pulls(kept: tuple[Params, Params, Float[Array, " a"]], weights: Float[Array, " a"]) -> tuple[Params, Params]:
    """Derivatives of a weighted sum of the distances: unit vectors, and 0 where a distance is 0."""
    one, others, lengths = kept
    shares = jnp.where(lengths > 0, weights / jnp.where(lengths > 0, lengths, 1), 0)

    def towards(w: Array, v: Array) -> Array:
        return (jnp.sum(shares) * w - jnp.tensordot(shares, v, 1)).astype(w.dtype)

    def away(w: Array, v: Array) -> Array:
        return (shares.reshape(-1, *(1,) * w.ndim) * (v - w[None])).astype(v.dtype)

    return _without_scale(towards, one, others, one), _without_scale(away, one, others, others)


def _without_scale(rule: Callable[[Array, Array], Array], one: Params, others: Params, like: Params) -> Params:
    weights, biases = (tuple(map(rule, mine, theirs)) for mine, theirs in zip(one[:2], others[:2], strict=True))
    return Params(weights, biases, None if like.scale is None else jnp.zeros_like(like.scale))


distances.defvjp(_distances, _pulls)


def copies(params: Params, count: int) -> Params:
    """The same model many times, along a new leading axis."""
    return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count, *leaf.shape)), params)


def member(params: Params, index: Any) -> Params:
    """Those of many models that the index names."""
    return jax.tree.map(lambda leaf: leaf[index], params)


def widened(params: Params) -> Params:
    """The same weights in float64, exactly."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), params)
