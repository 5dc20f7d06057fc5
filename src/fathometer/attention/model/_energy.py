"""The interaction energy, in the three normalisations that are in use."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.model._field import Scalar
from fathometer.evidence import finite_number

_ROWS = 32
"""Rows of pairs that are looked at together: little memory, and few turns of a loop."""


@jax.jit
def energy_deficit(points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar) -> Float[Array, ""]:
    """How far EE/(2 beta) is below its value 1/(2 beta) at a single cluster; >= 0, with all its digits.

    It is sum_ij m_i m_j (1 - exp(-beta s_ij)) / (2 beta) with s_ij = |x_i - x_j|^2 / 2, and sum_ij m_i m_j s_ij / 2 at
    beta = 0, where EE itself is constant. Its decrease equals the dissipation.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
    """
    safe = jnp.where(beta == 0, 1.0, beta)

    def of(token: Float[Array, " d"]) -> Float[Array, ""]:
        gaps = jnp.sum((points - token[None]) ** 2, axis=-1) / 2
        return jnp.dot(masses, jnp.where(beta == 0, gaps, -jnp.expm1(-safe * gaps) / safe)) / 2

    return jnp.dot(masses, jax.lax.map(of, points, batch_size=_ROWS))


def unit_energy(points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar) -> Float[Array, ""]:
    """Unit energy EE = sum_ij m_i m_j exp(beta (<x_i, x_j> - 1)), in (0, 1], and 1 for a single cluster only.

    Args:
        points: unit vectors, shape (n, d).
        masses: positive, sum 1, shape (n,).
        beta: inverse temperature, >= 0.
    """
    return 1 - 2 * beta * energy_deficit(points, masses, beta)


def dm_energy(unit_energy: ArrayLike, beta: float) -> NDArray[np.float64]:
    """Energy EE/(2 beta) of Geshkovski, Koubbi, Polyanskiy and Rigollet (2024), from the unit energy; beta > 0."""
    return np.asarray(unit_energy, np.float64) / (2 * finite_number("beta", beta, above=0))


def log_mp_energy(unit_energy: ArrayLike, beta: float) -> NDArray[np.float64]:
    """Natural logarithm of the energy exp(beta) EE/(2 beta) of Geshkovski et al. (2023), from EE > 0; beta > 0."""
    return beta + np.log(dm_energy(unit_energy, beta))
