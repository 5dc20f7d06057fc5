"""The attention average of a variant, as a pure function of arrays."""

from enum import StrEnum
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.attention.model._field import Scalar
from fathometer.attention.model._system import Model
from fathometer.numerics import project_to_sphere, tangent_projection

Weights = tuple[Float[Array, "d d"], Float[Array, "d d"], Float[Array, "d d"]]


class Normalization(StrEnum):
    """Where a layer normalises; A_i is the attention average of the directions, P removes the part along x_i.

    POST: the direction moves as dx_i/dt = P A_i. PRE: a vector y_i = r_i x_i moves as dy_i/dt = A_i, hence
    dx_i/dt = P A_i / r_i with dr_i/dt = <A_i, x_i> (Karagodin et al. 2025).
    """

    POST = "post"
    PRE = "pre"


class Rules(NamedTuple):
    """What of a variant is fixed when its field is compiled (see `Variant`)."""

    model: Model
    causal: bool
    normalization: Normalization
    hard: bool


def attention_average(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, weights: Weights, rules: Rules
) -> Float[Array, "n d"]:
    """Attention average of every token, not projected (see `Variant`).

    Args:
        points: unit vectors, shape (n, d).
        masses: positive, sum 1, shape (n,).
        beta: inverse temperature, >= 0.
        weights: Q, K and V, each of shape (d, d).
        rules: model, mask, normalization and hardness.
    """
    query, key, value = weights
    scores = beta * (points @ query.T) @ (points @ key.T).T
    if not rules.hard:
        scores = scores + jnp.log(masses)[None]
    if rules.causal:
        scores = jnp.where(jnp.tri(len(points), dtype=bool), scores, -jnp.inf)
    if rules.hard:
        attention = _best_other(scores)
    else:
        attention = jax.nn.softmax(scores, axis=1) if rules.model is Model.SA else jnp.exp(scores - beta)
    return attention @ (points @ value.T)


def variant_velocity(
    vectors: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, weights: Weights, rules: Rules
) -> Float[Array, "n d"]:
    """Velocity of the vectors: of the tokens themselves for POST, of the vectors that grow for PRE.

    Args:
        vectors: nonzero, shape (n, d); only their directions matter to the attention.
        masses: positive, sum 1, shape (n,).
        beta: inverse temperature, >= 0.
        weights: Q, K and V, each of shape (d, d).
        rules: model, mask, normalization and hardness.
    """
    directions = project_to_sphere(vectors)
    average = attention_average(directions, masses, beta, weights, rules)
    return average if rules.normalization is Normalization.PRE else tangent_projection(directions, average)


def _best_other(scores: Float[Array, "n n"]) -> Float[Array, "n n"]:
    """One for the best of the other tokens, or for the token itself where it sees no other."""
    n = len(scores)
    others = jnp.where(jnp.eye(n, dtype=bool), -jnp.inf, scores)
    best = jnp.where(jnp.any(others > -jnp.inf, axis=1), jnp.argmax(others, axis=1), jnp.arange(n))
    return jax.nn.one_hot(best, n, dtype=scores.dtype)
