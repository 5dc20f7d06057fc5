"""The velocity of a variant, as a pure function of arrays: attention with weights and heads, and an MLP."""

from enum import StrEnum
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.attention.model._field import Scalar
from fathometer.attention.model._system import Model
from fathometer.attention.model.weights._mlp import Activation, MlpArrays, mlp_output
from fathometer.numerics import project_to_sphere, tangent_projection


class Weights(NamedTuple):
    """The arrays of a layer, as the field reads them; the first four have a leading axis if there are heads.

    Attributes:
        query: Q of every head.
        key: K of every head.
        value: V of every head, the output matrix of the layer included.
        query_bias: added to Q x; none if None.
        bias: added to what the attention gives; none if None.
        mlp: none if None.
    """

    query: Float[Array, "*h k d"]
    key: Float[Array, "*h k d"]
    value: Float[Array, "*h d d"]
    query_bias: Float[Array, "*h k"] | None = None
    bias: Float[Array, " d"] | None = None
    mlp: MlpArrays | None = None


class Normalization(StrEnum):
    """Where a layer normalises; F_i is the attention average of the directions, P removes the part along x_i.

    POST: the direction moves as dx_i/dt = P F_i. PRE: a vector y_i = r_i x_i moves as dy_i/dt = F_i, hence
    dx_i/dt = P F_i / r_i with dr_i/dt = <F_i, x_i>. PERI normalises what is added, too: dy_i/dt = F_i/|F_i|. NGPT
    normalises both: dx_i/dt = P F_i/|F_i| (Karagodin et al. 2025). An MLP adds to F_i, normalised by itself under PERI
    and NGPT.
    """

    POST = "post"
    PRE = "pre"
    PERI = "peri"
    NGPT = "ngpt"

    @property
    def grows(self) -> bool:
        """Whether vectors grow and only their directions are tokens."""
        return self in (Normalization.PRE, Normalization.PERI)

    @property
    def normalizes_what_is_added(self) -> bool:
        """Whether what a part of the layer adds is divided by its norm."""
        return self in (Normalization.PERI, Normalization.NGPT)


class Rules(NamedTuple):
    """What of a variant is fixed when its field is compiled (see `Variant`)."""

    model: Model
    causal: bool
    normalization: Normalization
    hard: bool
    activation: Activation = Activation.GELU


def attention_average(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, weights: Weights, rules: Rules
) -> Float[Array, "n d"]:
    """Attention average of every token, not projected, summed over heads (see `Variant`).

    Args:
        points: unit vectors, shape (n, d).
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        weights: of the layer.
        rules: what is fixed when it is compiled.
    """
    one = partial(_head, points, masses, beta, rules)
    matrices = (weights.query, weights.key, weights.value, weights.query_bias)
    added = one(*matrices) if weights.query.ndim == 2 else jnp.sum(jax.vmap(one)(*matrices), axis=0)
    return added if weights.bias is None else added + weights.bias[None]


def attention_pattern(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Scalar,
    query: Float[Array, "k d"],
    key: Float[Array, "k d"],
    query_bias: Float[Array, " k"] | None,
    rules: Rules,
) -> Float[Array, "n n"]:
    """Weight of token j in the average of token i, of one head; rows sum to 1 except under USA.

    Args:
        points: unit vectors, shape (n, d).
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        query: Q.
        key: K.
        query_bias: added to Q x; none if None.
        rules: what is fixed when it is compiled.
    """
    asked = points @ query.T if query_bias is None else points @ query.T + query_bias[None]
    scores = beta * asked @ (points @ key.T).T
    if not rules.hard:
        scores = scores + jnp.log(masses)[None]
    if rules.causal:
        scores = jnp.where(jnp.tri(len(points), dtype=bool), scores, -jnp.inf)
    if rules.hard:
        return _best_other(scores)
    return jax.nn.softmax(scores, axis=1) if rules.model is Model.SA else jnp.exp(scores - beta)


def _head(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Scalar,
    rules: Rules,
    query: Float[Array, "k d"],
    key: Float[Array, "k d"],
    value: Float[Array, "d d"],
    query_bias: Float[Array, " k"] | None,
) -> Float[Array, "n d"]:
    """What one head adds to every token."""
    return attention_pattern(points, masses, beta, query, key, query_bias, rules) @ (points @ value.T)


def added_by_parts(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, weights: Weights, rules: Rules
) -> tuple[Float[Array, "n d"], ...]:
    """What the attention adds to every token, and the MLP if there is one; unit vectors under PERI and NGPT.

    Args:
        points: unit vectors, shape (n, d).
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        weights: of the layer.
        rules: what is fixed when it is compiled.
    """
    attention = attention_average(points, masses, beta, weights, rules)
    parts = (attention,) if weights.mlp is None else (attention, mlp_output(points, weights.mlp, rules.activation))
    return tuple(map(_unit, parts)) if rules.normalization.normalizes_what_is_added else parts


def variant_velocity(
    vectors: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, weights: Weights, rules: Rules
) -> Float[Array, "n d"]:
    """Velocity of the vectors: of the tokens themselves for POST and NGPT, else of the vectors that grow.

    Args:
        vectors: nonzero, shape (n, d): the tokens, or what they are the directions of.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        weights: of the layer.
        rules: what is fixed when it is compiled.
    """
    directions = project_to_sphere(vectors)
    first, *rest = added_by_parts(directions, masses, beta, weights, rules)
    added = sum(rest, start=first)
    return added if rules.normalization.grows else tangent_projection(directions, added)


def _unit(vectors: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """Vectors divided by their norms; zero stays zero."""
    norms = jnp.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / jnp.where(norms > 0, norms, 1.0)


def _best_other(scores: Float[Array, "n n"]) -> Float[Array, "n n"]:
    """One for the best of the other tokens, or for the token itself where it sees no other."""
    n = len(scores)
    others = jnp.where(jnp.eye(n, dtype=bool), -jnp.inf, scores)
    best = jnp.where(jnp.any(others > -jnp.inf, axis=1), jnp.argmax(others, axis=1), jnp.arange(n))
    return jax.nn.one_hot(best, n, dtype=scores.dtype)
