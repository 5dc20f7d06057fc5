"""Layers of a variant exactly as a network steps."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from fathometer.attention.dynamics._assembly import JAX, assemble
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Rules, Weights, added_by_parts
from fathometer.evidence import Axis, AxisKind, Trajectory, finite_number, whole_number
from fathometer.numerics import project_to_sphere


def iterate_variant(variant: Variant, layers: int, step: float = 0.1) -> Trajectory:
    """Send the tokens through residual layers y_i -> y_i + step A_i with A_i the attention average of the directions.

    An MLP follows as a residual step of its own, y_i -> y_i + step M(x_i). POST divides every y_i by its norm after
    each of these steps, so that y_i = x_i; PRE lets y_i grow and gives attention and MLP its direction x_i = y_i/|y_i|;
    PERI and NGPT are PRE and POST with A_i and M(x_i) divided by their norms. With POST a layer is worth
    `layer_time(step)` of time next to a cluster, because A_i is not tangent; with PRE it is worth `step`.

    Args:
        variant: the tokens at layer 0 and their attention.
        layers: how many, at least 1.
        step: above 0.

    Returns:
        A trajectory along layers with states "points", shape (layers + 1, n, d), unit rows, and "radii", shape
        (layers + 1, n), all 1 for POST and NGPT; and with events "k clusters" at the default resolution.

    Raises:
        InputError: if a value is not as above.
    """
    count, step = whole_number("layers", layers, at_least=1), finite_number("step", step, above=0)
    system = variant.system
    arrays = map(jnp.asarray, (system.points, system.masses, system.beta, step))
    vectors = np.concatenate([system.points[None], _iterate(*arrays, variant.weights, variant.rules, count)])
    radii = np.linalg.norm(vectors, axis=-1)
    points = vectors / radii[..., None]
    axis = Axis(AxisKind.LAYER, np.arange(float(len(points))), f"layer of step {step:g}")
    return assemble(variant, axis, {"points": points, "radii": radii}, JAX, beta=system.beta)


@partial(jax.jit, static_argnames=("rules", "count"))
def _iterate(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    step: Float[Array, ""],
    weights: Weights,
    rules: Rules,
    count: int,
) -> Float[Array, "t n d"]:
    def layer(vectors: Float[Array, "n d"], _: None) -> tuple[Float[Array, "n d"], Float[Array, "n d"]]:
        for part in range(1 if weights.mlp is None else 2):
            added = added_by_parts(project_to_sphere(vectors), masses, beta, weights, rules)[part]
            vectors = vectors + step * added
            vectors = vectors if rules.normalization.grows else project_to_sphere(vectors)
        return vectors, vectors

    return jax.lax.scan(layer, points, None, length=count)[1]
