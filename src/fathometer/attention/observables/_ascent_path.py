"""What can be measured along a path of steepest ascent: deficits, curvature, and where the slow set is."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.attention.model._ascent_path import AscentPath, energy_gradient
from fathometer.attention.model._hessian import circle_hessian
from fathometer.evidence import Axis, AxisKind, Estimate

Path = Float[np.ndarray, "t n"]


def path_deficits(path: AscentPath, angles: Path) -> Float[np.ndarray, " t"]:
    """1/(2 beta) - E for each state, with all digits next to a single cluster."""
    return _mean_over_pairs(angles, lambda gaps: -np.expm1(-path.beta * gaps)) / (2 * path.beta)


def curvatures(path: AscentPath) -> Float[np.ndarray, " t"]:
    """<grad E, Hess E grad E> / |grad E|^2 for each state: above 0 the ascent accelerates."""
    gradients = energy_gradient(path.angles, path.beta)
    n = path.angles.shape[1]
    hessians = np.stack([circle_hessian(x, np.full(n, 1 / n), path.beta) for x in path.angles])
    bent = np.einsum("ti,tij,tj->t", gradients, hessians, gradients)
    return bent / np.sum(gradients**2, axis=1)


def collapsed(path: AscentPath, angles: Path) -> Path:
    """The point of the slow set next to each state: every cluster at the mean of its angles."""
    same = path.members[:, None] == path.members
    return angles @ (same / np.sum(same, axis=1, keepdims=True)).T


def rise_to_slow_set(path: AscentPath, angles: Path) -> Float[np.ndarray, " t"]:
    """E(v) - E(u) from each state u to its point v of the slow set, clusters with all their digits."""
    same, ends = path.members[:, None] == path.members, collapsed(path, angles)
    inside = _mean_over_pairs(angles, lambda gaps: np.where(same, -np.expm1(-path.beta * gaps), 0.0))
    before, after = (
        _mean_over_pairs(x, lambda gaps: np.where(same, 0.0, np.exp(-path.beta * gaps))) for x in (angles, ends)
    )
    return (inside + after - before) / (2 * path.beta)


def slow_constant(path: AscentPath) -> float:
    """Largest kappa with (kappa/2) |u - v|^2 <= E(v) - E(u) <= |grad E(u)|^2 / (2 kappa) all along the path."""
    rises = rise_to_slow_set(path, path.angles)
    squares = np.sum((path.angles - collapsed(path, path.angles)) ** 2, axis=1)
    slopes = np.sum(energy_gradient(path.angles, path.beta) ** 2, axis=1)
    away = squares > _RESOLVED
    if not np.any(away):
        return np.nan
    return float(min(np.min(slopes[away] / (2 * rises[away])), np.min(2 * rises[away] / squares[away])))


def slow_slope(path: AscentPath) -> float:
    """Bound on the slope of E within the slow set, for all its points with gaps no smaller than along the path.

    For clusters of n_q tokens at phi_q it is the length of the vector (1/sqrt(n_q)) dE/dphi_q, each entry of which is
    at most sqrt(n_q) (1 - n_q/n) h/n, h the largest pull k(z) sin z over the gaps z from the smallest one on.
    """
    _, first, counts = np.unique(path.members, return_index=True, return_counts=True)
    if len(counts) == 1:
        return 0.0
    places = collapsed(path, path.angles)[:, first]
    gaps = 2 * np.arcsin(np.abs(np.sin((places[:, :, None] - places[:, None, :]) / 2)))
    smallest = float(np.min(gaps[:, *np.triu_indices(len(counts), 1)]))
    angles = np.linspace(smallest, np.pi, 4001)
    pull = float(np.max(np.exp(-2 * path.beta * np.sin(angles / 2) ** 2) * np.sin(angles)))
    n = path.angles.shape[1]
    return pull / n * float(np.sqrt(np.sum(counts * (1 - counts / n) ** 2)))


_RESOLVED = 1e-14
"""Squared distance from the slow set above which the rise to it is more than rounding."""


def _mean_over_pairs(angles, term):
    gaps = 2 * np.sin((angles[..., :, None] - angles[..., None, :]) / 2) ** 2
    return np.mean(term(gaps), axis=(-2, -1))


def exactly(values: ArrayLike, path: AscentPath, error: float = 1e-9) -> Estimate:
    """An estimate along the path, with the error that the solver leaves, relative."""
    found = np.asarray(values, np.float64)
    room = error * np.abs(found)
    return Estimate.heuristic(found, found - room, found + room, along=Axis(AxisKind.TIME, path.times))
