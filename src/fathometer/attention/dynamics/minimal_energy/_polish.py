"""Newton's method for a cloud at rest, until rounding: what turns a cloud of nine digits into one of fifteen."""

import numpy as np
from jaxtyping import Float

_MOST_COORDINATES = 1500
_STEPS = 20
_FLAT = 1e-11
"""Curvatures below this share of the largest are those of rotations, along which nothing changes."""


def polished(points: Float[np.ndarray, "n d"], beta: float) -> Float[np.ndarray, "n d"]:
    """Return the cloud at rest near a cloud that is nearly at rest; the cloud itself if it is too large for a Hessian.

    Steps of Newton's method with absolute curvatures, so that they descend; the last one that made forces smaller is
    kept.

    Args:
        points: unit rows.
        beta: inverse temperature, >= 0.
    """
    n, d = points.shape
    if n * (d - 1) > _MOST_COORDINATES:
        return points
    best, least = points, np.inf
    for _ in range(_STEPS):
        basis, slope, hessian = _local(points, beta)
        if not np.max(np.abs(slope)) < least:
            break
        best, least = points, np.max(np.abs(slope))
        points = _moved(points, basis, _step(slope, hessian))
    return best


def _step(slope: Float[np.ndarray, " m"], hessian: Float[np.ndarray, "m m"]) -> Float[np.ndarray, " m"]:
    curvatures, modes = np.linalg.eigh(hessian)
    sizes = np.abs(curvatures)
    inverse = np.where(sizes > _FLAT * sizes.max(), 1 / np.maximum(sizes, 1e-300), 0.0)
    return -modes @ (inverse * (slope @ modes))


def _moved(
    points: Float[np.ndarray, "n d"], basis: Float[np.ndarray, "n d e"], step: Float[np.ndarray, " m"]
) -> Float[np.ndarray, "n d"]:
    ahead = np.einsum("nde,ne->nd", basis, step.reshape(len(points), -1))
    ahead *= min(1.0, 0.1 / max(np.max(np.linalg.norm(ahead, axis=1)), 1e-300))
    return (points + ahead) / np.linalg.norm(points + ahead, axis=1, keepdims=True)


def _local(
    points: Float[np.ndarray, "n d"], beta: float
) -> tuple[Float[np.ndarray, "n d e"], Float[np.ndarray, " m"], Float[np.ndarray, "m m"]]:
    """Tangent bases, and slope and Hessian of sum_{i<j} exp(beta (<x_i, x_j> - c)) / beta, c the largest of these."""
    n, d = points.shape
    cosines = points @ points.T
    np.fill_diagonal(cosines, -1)
    weights = np.exp(beta * (cosines - cosines.max()))
    np.fill_diagonal(weights, 0)
    basis = np.linalg.svd(points[:, None, :])[2][:, 1:].transpose(0, 2, 1)
    seen = np.einsum("jd,ide->ije", points, basis)
    slope = np.einsum("ij,ije->ie", weights, seen)
    hessian = np.einsum("ij,ide,jdf->iejf", weights, basis, basis, optimize=True)
    hessian += beta * np.einsum("ij,ije,jif->iejf", weights, seen, seen)
    own = beta * np.einsum("ij,ije,ijf->ief", weights, seen, seen)
    own -= np.sum(weights * cosines, axis=1)[:, None, None] * np.eye(d - 1)
    hessian[np.arange(n), :, np.arange(n)] = own
    return basis, slope.ravel(), hessian.reshape(n * (d - 1), -1)
