"""Caps that hold the clusters of tokens, whatever the errors of their positions."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.attention.model.caps._geometry import smallest_cap
from fathometer.evidence import Record

ROUNDING = 4e-15
"""Angle in radians that covers what float64 does to unit vectors and to the angle between two of them."""


@dataclass(frozen=True, eq=False)
class Caps(Record):
    """One cap for each cluster.

    Attributes:
        centres: shape (k, d), unit rows.
        radii: shape (k,), angles in radians within which the tokens of the cluster are, rounded up.
        masses: shape (k,), of the clusters.
    """

    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
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
    covers = [_cover(points[members == q], masses[members == q]) for q in range(int(members.max()) + 1)]
    centres = np.stack([centre for centre, _ in covers])
    radii = np.array([radius for _, radius in covers]) + (error + ROUNDING)
    return Caps(centres, radii, np.bincount(members, masses))


def _cover(points: Float[np.ndarray, "m d"], masses: Float[np.ndarray, " m"]) -> tuple[Float[np.ndarray, " d"], float]:
    if len(points) == 1:
        return points[0], 0.0
    mean = masses @ points
    centres = [mean / max(float(np.linalg.norm(mean)), 1e-300), smallest_cap(points)[0]]
    radii = [float(np.max(angles_between(points, centre[None]))) for centre in centres]
    best = int(np.argmin(radii))
    return centres[best], radii[best]
