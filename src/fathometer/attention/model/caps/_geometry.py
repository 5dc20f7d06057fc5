"""Spherical caps S_q(eps) = {x : <x, w_q> >= 1 - eps} around centres w_q: how far apart they are, and who is inside."""

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial.distance import cdist, pdist

from fathometer.numerics import hemisphere_axis

Number = float | Float[np.ndarray, " e"]


def smallest_angle(centres: Float[np.ndarray, "k d"]) -> float:
    """Smallest angle between two of k unit vectors, in radians; NaN for a single one."""
    return 2 * float(np.arcsin(min(1.0, np.min(pdist(centres)) / 2))) if len(centres) > 1 else np.nan


def cap_clearance(angle: float, epsilon: Number) -> Number:
    """1 - alpha, where alpha is the largest <x, y> between two of the caps S_p(2 eps).

    alpha = cos(max(0, angle - 2 arccos(1 - 2 eps))), exactly (derived); alpha = 0 by convention for a single cap.

    Args:
        angle: smallest angle between two centres in radians, NaN for a single cap.
        epsilon: in (0, 1), one or many.
    """
    gap = np.maximum(0.0, angle - 4 * np.arcsin(np.sqrt(epsilon)))
    return np.where(np.isnan(angle), 1.0, 2 * np.sin(gap / 2) ** 2)[()]


def cap_deficits(points: Float[np.ndarray, "*t n d"], centres: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "*t n"]:
    """1 - <x_i, w_i> for every point and its centre: the eps of the smallest cap of that centre that holds it."""
    return np.sum((points - centres) ** 2, axis=-1) / 2


def nearest_centres(points: Float[np.ndarray, "n d"], centres: Float[np.ndarray, "k d"]) -> Int[np.ndarray, " n"]:
    """Index of the nearest centre of every point."""
    return np.argmin(cdist(points, centres), axis=1)


def smallest_cap(points: Float[np.ndarray, "n d"]) -> tuple[Float[np.ndarray, " d"], float]:
    """Centre and eps of the smallest cap that holds the points; eps >= 1 if no open hemisphere does."""
    if np.all(points == points[0]):
        return points[0], 0.0
    centre, _ = hemisphere_axis(points)
    return centre, float(np.max(cap_deficits(points, np.broadcast_to(centre, points.shape))))


def cap_widths(
    points: Float[np.ndarray, "t n d"], members: Int[np.ndarray, " n"], count: int
) -> Float[np.ndarray, "t k"]:
    """Largest distance between two points of the same group, for each of t states and `count` groups.

    Args:
        points: unit vectors.
        members: number of the group of each point, from 0 on.
        count: number of groups, >= 1; the distance is 0 in an empty one.
    """
    groups = [points[:, members == q] for q in range(count)]
    return np.stack([[np.max(pdist(state), initial=0.0) for state in group] for group in groups], axis=1)
