"""Tokens in an open hemisphere: the margin, the chart, and how fast its width must shrink."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from fathometer.attention._system import ParticleSystem, particles
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem
from fathometer.numerics import hemisphere_axis, squared_chords


def hemisphere_margin(problem: Problem) -> Estimate:
    """Largest min_i <x_i(0), w> over unit vectors w: positive if and only if an open hemisphere holds all tokens."""
    return hemisphere_axis(particles(problem).points)[1]


def contraction_rate(system: ParticleSystem) -> float:
    """Rate r_0 exp(-2 beta) at which the chart contracts, with the certified lower end of the margin as r_0.

    In the chart y_i = x_i / <x_i, w> both models read dy_i/dt = sum_j b_ij (y_j - y_i) with
    b_ij >= m_j exp(-2 beta) r_0, so that the width in any direction falls at least at this rate (derived).
    """
    return float(hemisphere_margin(system).lower) * math.exp(-2 * system.beta)


def chart_diameter(points: Float[np.ndarray, "t n d"], axis: Float[np.ndarray, " d"]) -> Float[np.ndarray, " t"]:
    """Largest distance between two tokens in the chart y_i = x_i / <x_i, axis>, for each of t states.

    Distances in the chart are not below those on the sphere, because the projection from the chart back to the sphere
    is 1-Lipschitz. Infinite where a token has left the open hemisphere.
    """
    heights = points @ axis
    inside = np.all(heights > 0, axis=-1)
    chart = points / np.where(heights > 0, heights, 1.0)[..., None]
    widest = jax.lax.map(lambda state: jnp.sqrt(jnp.max(squared_chords(state))), jnp.asarray(chart))
    return np.where(inside, np.asarray(widest), np.inf)


OPEN_HEMISPHERE = Hypothesis("all tokens in an open hemisphere", AtLeast(1e-9, domain=(-1, 1)), hemisphere_margin)
