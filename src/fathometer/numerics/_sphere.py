"""Geometry of the unit sphere, from differences: 1 - <x, y> is |x - y|^2 / 2."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import nnls

from fathometer.evidence import Estimate


def project_to_sphere(points: Float[Array, "*batch d"]) -> Float[Array, "*batch d"]:
    """Divide every vector by its Euclidean norm, which must not be zero (nor below 1e-150, whose square vanishes)."""
    return points / jnp.linalg.norm(points, axis=-1, keepdims=True)


def tangent_projection(points: Float[Array, "*batch d"], vectors: Float[Array, "*batch d"]) -> Float[Array, "*batch d"]:
    """Remove from every vector its component along the unit vector at the same place."""
    return vectors - jnp.sum(points * vectors, axis=-1, keepdims=True) * points


@jax.jit
def squared_chords(points: Float[Array, "n d"]) -> Float[Array, "n n"]:
    """Squared distances of all pairs, each from its difference, in memory n^2 + n d."""
    return jax.lax.map(lambda point: jnp.sum((points - point[None]) ** 2, axis=-1), points)


def hemisphere_axis(points: Float[np.ndarray, "n d"]) -> tuple[Float[np.ndarray, " d"], Estimate]:
    """Unit vector w with the largest min_i <x_i, w>, and that margin.

    The axis points at the point of least norm v of the convex hull, found as a least distance problem by non-negative
    least squares (Lawson and Hanson, Solving Least Squares Problems, chapter 23). The lower end of the margin is
    evaluated from w itself; its upper end is |v|, which no axis exceeds, by weak duality. The points lie in an open
    hemisphere exactly if the margin is positive. The axis is arbitrary where the hull contains 0.

    Args:
        points: n unit vectors.
    """
    weights, _ = nnls(np.vstack([points.T, np.ones(len(points))]), np.append(np.zeros(points.shape[1]), 1.0))
    nearest = points.T @ (weights / weights.sum())
    norm = float(np.linalg.norm(nearest))
    axis = nearest / norm if norm > 0 else points[0]
    rounding = 4 * np.finfo(float).eps
    lower = float(np.min(points @ axis)) - rounding
    return axis, Estimate.enclosed(lower, lower, max(norm, lower) + rounding)
