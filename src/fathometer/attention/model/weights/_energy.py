"""The energy that attention with V_h = s_h Q_h'K_h, symmetric, climbs or descends, and the rate at which it does."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.attention.model._field import Scalar
from fathometer.attention.model._system import Model
from fathometer.attention.model._variant_field import Rules, Weights, variant_velocity
from fathometer.numerics import tangent_projection


class EnergyRates(NamedTuple):
    """The energy of tokens, how fast it changes along their motion, and what the motion dissipates."""

    energy: Float[Array, ""]
    change: Float[Array, ""]
    dissipation: Float[Array, ""]


def weighted_energy(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Scalar,
    scores: Float[Array, "h d d"],
    factors: Float[Array, " h"],
) -> Float[Array, ""]:
    """sum_h s_h sum_ij m_i m_j exp(beta (<x_i, B_h x_j> - 1)) / (2 beta), for symmetric B_h = Q_h'K_h and beta > 0.

    With B symmetric, its gradient along x_i is m_i P_{x_i} sum_j m_j exp(beta (<x_i, B x_j> - 1)) s B x_j: that of USA
    with V = s B, and that of SA with one head times Z_i.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, > 0.
        scores: B_h.
        factors: s_h.
    """
    exponents = jnp.einsum("id,hde,je->hij", points, scores, points) - 1
    return jnp.einsum("h,i,j,hij->", factors, masses, masses, jnp.exp(beta * exponents)) / (2 * beta)


def energy_rates(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Scalar,
    weights: Weights,
    rules: Rules,
    scores: Float[Array, "h d d"],
    factors: Float[Array, " h"],
) -> EnergyRates:
    """The energy, its derivative along the velocity of the tokens, and sum_i m_i Z_i |dx_i/dt|^2 (Z_i = 1 for USA).

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, > 0.
        weights: of the layer.
        rules: with Post-LN.
        scores: B_h.
        factors: s_h.
    """
    speeds = tangent_projection(points, variant_velocity(points, masses, beta, weights, rules))
    energy, change = jax.jvp(lambda x: weighted_energy(x, masses, beta, scores, factors), (points,), (speeds,))
    partition = jnp.exp(beta * (points @ scores[0] @ points.T - 1)) @ masses if rules.model is Model.SA else 1.0
    return EnergyRates(energy, change, jnp.sum(masses * partition * jnp.sum(speeds**2, axis=-1)))
