"""How strongly caps pull on each other, from above and from below, whatever is where in them.

With phi(s) = k(s) sin s, k(s) = exp(-beta (1 - cos s)), a token at the angle s pulls another one by its mass times
phi(s) (USA), divided by Z = sum_j m_j k (SA). Strengths are handed out in units of exp(scale), for they are as small
as exp(-2 beta).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.model._system import Model

_UP = 1 + 1e-12
"""Covers the rounding of a few dozen operations."""

Angles = Float[np.ndarray, "k k"]


class Attraction(NamedTuple):
    """What pulls: masses of the caps, beta, the model.

    Attributes:
        masses: shape (k,).
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """

    masses: Float[np.ndarray, " k"]
    beta: float
    model: Model

    @property
    def others(self) -> Bool[np.ndarray, "k k"]:
        """True off the diagonal."""
        return ~np.eye(len(self.masses), dtype=bool)


def log_kernel(angles: Float[np.ndarray, "*shape"], beta: float) -> Float[np.ndarray, "*shape"]:
    """-beta (1 - cos s), with all its digits."""
    return -2 * beta * np.sin(angles / 2) ** 2


def strongest_angle(beta: float) -> float:
    """Where phi(s) = exp(-beta (1 - cos s)) sin s is largest: beta sin^2 s = cos s."""
    return float(np.arccos(2 * beta / (1 + np.sqrt(1 + 4 * beta**2))))


def kernel_at_most(least: Angles, beta: float, scale: float) -> Angles:
    """Largest k exp(-scale) at angles of at least `least`."""
    logs = log_kernel(np.maximum(least, 0.0), beta)
    return _UP * np.exp(logs * (1 - 1e-15) - scale + 2e-15 * abs(scale)) + 1e-300


def force_at_most(least: Angles, beta: float, scale: float) -> Angles:
    """Largest phi exp(-scale) at angles of at least `least`: phi falls beyond `strongest_angle`."""
    where = np.maximum(least, strongest_angle(beta))
    return kernel_at_most(where, beta, scale) * np.sin(np.minimum(where, np.pi)) * _UP


class Changes(NamedTuple):
    """Bounds of the derivatives of G(x, y) = k(x, y) P_x y, per radian, in units of exp(scale).

    Attributes:
        norm: of the derivative in x or in y.
        outward: of <e, D G e>, for x moving in any unit direction e.
    """

    norm: Angles
    outward: Angles


def changes_at_most(least: Angles, most: Angles, beta: float, scale: float) -> Changes:
    """Bound how G changes at angles between the ends.

    Along the geodesic through both, the derivative in x is k (beta sin^2 s - cos s) and that in y its negative; across
    it they are -k cos s and k (derived).

    Args:
        least: angles at the least.
        most: angles at the most.
        beta: inverse temperature, >= 0.
        scale: see above.
    """
    low, high = np.cos(np.minimum(most, np.pi)), np.cos(np.maximum(least, 0.0))
    vertex = -1 / (2 * beta) if beta > 0.5 else -2.0
    inside = (low <= vertex) & (vertex <= high)
    at_vertex = np.where(inside, _slope(vertex, beta), -1.0)
    first, second = _slope(low, beta), _slope(high, beta)
    steepest = np.maximum(np.maximum(first, second), at_vertex)
    norm = np.maximum(np.maximum(np.abs(first), np.abs(second)), np.maximum(np.abs(at_vertex), 1.0))
    kernel = kernel_at_most(least, beta, scale)
    smallest = np.exp(log_kernel(np.minimum(most, np.pi), beta) * (1 + 1e-15) - scale - 2e-15 * abs(scale)) / _UP
    outward = np.maximum(steepest, -low) + 1e-12 * (1 + beta)
    return Changes(kernel * norm * _UP, np.where(outward > 0, kernel, smallest) * outward)


def _slope(cosine: Float[np.ndarray, "*shape"] | float, beta: float) -> Float[np.ndarray, "*shape"]:
    """Return beta sin^2 s - cos s."""
    return np.asarray(beta * (1 - cosine**2) - cosine)


def partition(kernel: Angles, own: Float[np.ndarray, " k"], attraction: Attraction) -> Float[np.ndarray, " k"]:
    """Z of the tokens of every cap: 1 for USA.

    Args:
        kernel: k between tokens of different caps.
        own: k between tokens of one cap.
        attraction: what pulls.
    """
    if attraction.model is Model.USA:
        return np.ones(len(own))
    return attraction.masses * own + np.sum(np.where(attraction.others, kernel * attraction.masses, 0.0), axis=1)
