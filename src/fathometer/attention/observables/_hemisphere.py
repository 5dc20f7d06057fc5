"""The chart of an open hemisphere, and its width."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from fathometer.numerics import squared_chords


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
