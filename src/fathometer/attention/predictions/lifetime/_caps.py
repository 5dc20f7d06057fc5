"""Caps that hold the clusters of tokens, whatever the errors of their positions."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.attention.model.caps._geometry import smallest_cap
from fathometer.evidence import Record

ROUNDING = 4e-15
"""Angle in radians that covers what float64 does to unit vectors and to the angle between two of them."""

_SMALL = 1e-6
"""Radius of a cap that need not be smaller."""


@dataclass(frozen=True, eq=False)
class Caps(Record):
    """One cap for each cluster.

    Attributes:
        centres: shape (k, d), unit rows.
        radii: shape (k,), angles in radians within which the tokens of a cluster are from its centre, rounded up.
        widths: shape (k,), angles within which they are from each other, rounded up; 0 for a single token.
        masses: shape (k,), of the clusters.
    """

    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    widths: NDArray[np.float64]
    masses: NDArray[np.float64]


def angles_between(first: Float[np.ndarray, "k d"], second: Float[np.ndarray, "m d"]) -> Float[np.ndarray, "k m"]:
    """Return the angles between unit vectors, with an absolute error below `ROUNDING`.

    Args:
        first: unit rows.
        second: unit rows.
    """
    chords = np.linalg.norm(first[:, None] - second[None], axis=-1)
    sums = np.linalg.norm(first[:, None] + second[None], axis=-1)
    return 2 * np.arctan2(chords, sums)


def separations(caps: Caps) -> Float[np.ndarray, "k k"]:
    """Least angle between tokens of two caps; infinite on the diagonal."""
    apart = angles_between(caps.centres, caps.centres) - (caps.radii[:, None] + caps.radii[None]) - ROUNDING
    np.fill_diagonal(apart, np.inf)
    return apart


def caps_around(
    points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"], members: Int[np.ndarray, " n"], error: float
) -> Caps:
    """Cover clusters by caps around their mass centres, or around those of the smallest caps where the radius is less.

    Args:
        points: unit rows.
        masses: positive, sum 1.
        members: number of the cluster of each token, 0 to k - 1, every one used.
        error: of the positions, an angle in radians, >= 0; added to every radius.
    """
    groups = [members == q for q in range(int(members.max()) + 1)]
    covers = [_cover(points[own], masses[own]) for own in groups]
    radii = np.array([radius for _, radius in covers]) + (error + ROUNDING)
    single = np.array([np.count_nonzero(own) == 1 for own in groups])
    widths = np.where(single, 0.0, np.minimum(2 * radii, np.pi))
    return Caps(
        np.stack([centre for centre, _ in covers]), radii, widths, np.array([masses[own].sum() for own in groups])
    )


def _cover(points: Float[np.ndarray, "m d"], masses: Float[np.ndarray, " m"]) -> tuple[Float[np.ndarray, " d"], float]:
    """Centre and radius."""
    if len(points) == 1:
        return points[0], 0.0
    mean = masses @ points
    mean = mean / max(float(np.linalg.norm(mean)), 1e-300)
    if np.linalg.norm(mean) < 0.5:
        mean = points[0]
    radius = float(np.max(angles_between(points, mean[None])))
    if radius < _SMALL:
        return mean, radius
    centres = [mean, smallest_cap(points)[0]]
    radii = [float(np.max(angles_between(points, centre[None]))) for centre in centres]
    best = int(np.argmin(radii))
    return centres[best], radii[best]
