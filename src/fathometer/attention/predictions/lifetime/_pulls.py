"""How strongly tokens in caps pull on each other, from above and from below, wherever in their caps they are.

With phi(s) = k(s) sin s, k(s) = exp(-beta (1 - cos s)), a token at the angle s pulls another one by its mass times
phi(s) (USA), divided by Z = sum_j m_j k (SA). Strengths are handed out in units of exp(scale), for they are as small
as exp(-2 beta). Every bound has room for rounding.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import Model

UP = 1 + 1e-12
"""Covers the rounding of a few dozen operations."""

_HALVINGS = 14

PerCap = NDArray[np.float64]
"""Shape (k,)."""

Pairs = NDArray[np.float64]
"""Shape (k, k)."""


class Attraction(NamedTuple):
    """What pulls.

    Attributes:
        masses: of the caps, shape (k,).
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """

    masses: PerCap
    beta: float
    model: Model

    @property
    def others(self) -> NDArray[np.bool_]:
        """True off the diagonal."""
        return _off_diagonal(len(self.masses))


@lru_cache(maxsize=16)
def _off_diagonal(k: int) -> NDArray[np.bool_]:
    mask = ~np.eye(k, dtype=bool)
    mask.flags.writeable = False
    return mask


class Angles(NamedTuple):
    """Between which ends angles are.

    Attributes:
        least: between tokens of two caps, shape (k, k); anything on the diagonal.
        most: between tokens of two caps.
        inner: the largest one between two tokens of one cap, shape (k,).
    """

    least: Pairs
    most: Pairs
    inner: PerCap


class Changes(NamedTuple):
    """Bounds of the derivatives of G(x, y) = k(x, y) P_x y, per radian, in units of exp(scale).

    Attributes:
        norm: of the derivative in x or in y.
        outward: of <e, D G e>, for x moving in any unit direction e.
    """

    norm: Pairs
    outward: Pairs


def log_kernel(angles: NDArray[np.float64], beta: float) -> NDArray[np.float64]:
    """-beta (1 - cos s), with all its digits."""
    return -2 * beta * np.sin(angles / 2) ** 2


def strongest_angle(beta: float) -> float:
    """Where phi(s) = exp(-beta (1 - cos s)) sin s is largest: beta sin^2 s = cos s."""
    return float(np.arccos(2 * beta / (1 + np.sqrt(1 + 4 * beta**2))))


def kernel_at_most(least: Pairs, beta: float, scale: float) -> Pairs:
    """Largest k exp(-scale) at angles of at least `least`.

    Args:
        least: angles in radians.
        beta: inverse temperature, >= 0.
        scale: see above.
    """
    logs = log_kernel(np.maximum(least, 0.0), beta)
    return UP * np.exp(logs * (1 - 1e-15) - scale + 2e-15 * abs(scale)) + 1e-300


def kernel_at_least(most: Pairs | PerCap, beta: float, scale: float) -> Pairs | PerCap:
    """Smallest k exp(-scale) at angles of at most `most`.

    Args:
        most: angles in radians.
        beta: inverse temperature, >= 0.
        scale: see above.
    """
    logs = log_kernel(np.minimum(most, np.pi), beta)
    return np.exp(logs * (1 + 1e-15) - scale - 2e-15 * abs(scale)) / UP


def changes_at_most(angles: Angles, beta: float, scale: float) -> Changes:
    """Bound how G changes.

    Along the geodesic through both, the derivative in x is k (beta sin^2 s - cos s) and that in y its negative; across
    it they are -k cos s and k (derived).

    Args:
        angles: between which ends.
        beta: inverse temperature, >= 0.
        scale: see above.
    """
    low, high = np.cos(np.minimum(angles.most, np.pi)), np.cos(np.maximum(angles.least, 0.0))
    vertex = np.full_like(low, -1 / (2 * beta) if beta > 0.5 else -2.0)
    at_vertex = np.where((low <= vertex) & (vertex <= high), _slope(vertex, beta), -1.0)
    first, second = _slope(low, beta), _slope(high, beta)
    norm = np.maximum(np.maximum(np.abs(first), np.abs(second)), np.maximum(np.abs(at_vertex), 1.0))
    outward = np.maximum(np.maximum(np.maximum(first, second), at_vertex), -low) + 1e-12 * (1 + beta)
    largest, smallest = kernel_at_most(angles.least, beta, scale), kernel_at_least(angles.most, beta, scale)
    return Changes(largest * norm * UP, np.where(outward > 0, largest, smallest) * outward)


def _slope(cosine: NDArray[np.float64], beta: float) -> NDArray[np.float64]:
    """Return beta sin^2 s - cos s."""
    return beta * (1 - cosine**2) - cosine


def least_partition(angles: Angles, attraction: Attraction) -> PerCap:
    """Lower bound of Z of the tokens of every cap; 1 for USA."""
    own = kernel_at_least(angles.inner, attraction.beta, 0.0)
    return partition(kernel_at_least(angles.most, attraction.beta, 0.0), own, attraction) / UP


def largest_partition(angles: Angles, attraction: Attraction) -> PerCap:
    """Upper bound of Z of the tokens of every cap; 1 for USA."""
    own = np.ones(len(attraction.masses))
    return partition(kernel_at_most(angles.least, attraction.beta, 0.0), own, attraction) * UP


def partition(kernel: Pairs, own: PerCap, attraction: Attraction) -> PerCap:
    """Z of the tokens of every cap: 1 for USA.

    Args:
        kernel: k between tokens of different caps.
        own: k between tokens of one cap.
        attraction: what pulls.
    """
    if attraction.model is Model.USA:
        return np.ones(len(own))
    return attraction.masses * own + np.sum(np.where(attraction.others, kernel * attraction.masses, 0.0), axis=1)


def pulls_at_most(angles: Angles, attraction: Attraction, scale: float) -> PerCap:
    """Largest speed that the other caps together can give to a token of each cap, in units of exp(scale).

    With s the least angle to its tokens, cap q pulls by at most M_q k (sin s + inner_q)/(rest + M_q k), where `rest` is
    what else is in Z (SA), or by M_q k sin s (USA); without inner_q this rises up to one angle and falls from there on
    (derived).

    Args:
        angles: between which ends.
        attraction: what pulls.
        scale: see above.
    """
    beta, masses = attraction.beta, np.broadcast_to(attraction.masses, angles.least.shape)
    rest, shared = np.ones_like(angles.least), 0.0 * masses
    if attraction.model is Model.SA:
        theirs = kernel_at_least(angles.most, beta, 0.0) * masses
        rest = np.maximum(least_partition(angles, attraction)[:, None] - theirs * UP, 0.0)
        rest = np.maximum(rest, (attraction.masses * kernel_at_least(angles.inner, beta, 0.0))[:, None]) / UP
        shared = masses
    low, high = _strongest(angles.least, rest, shared, beta)
    weights = kernel_at_most(low, beta, scale) / (rest + shared * kernel_at_least(low, beta, 0.0))
    pulls = weights * np.sin(np.minimum(high, np.pi))
    if attraction.model is Model.SA:
        nearest = kernel_at_least(angles.least, beta, 0.0)
        pulls = pulls + angles.inner * kernel_at_most(angles.least, beta, scale) / (rest + shared * nearest)
    return UP * np.sum(np.where(attraction.others, pulls * masses, 0.0), axis=1)


def _strongest(least: Pairs, rest: Pairs, shared: Pairs, beta: float) -> tuple[Pairs, Pairs]:
    """Ends between which sin s k/(rest + shared k) is largest: both `least` where it falls from there on.

    It solves cos s (1 + shared k/rest) = beta sin^2 s, whose left side falls and whose right side rises.
    """
    low = np.maximum(least, 0.0)
    rises = _rises(low, rest, shared, beta) & _off_diagonal(len(low))
    if not np.any(rises):
        return low, low
    start, high = low, np.where(rises, np.pi / 2, low)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        up = _rises(middle, rest, shared, beta)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return np.where(rises, low, start), np.where(rises, high, start)


def _rises(angle: Pairs, rest: Pairs, shared: Pairs, beta: float) -> NDArray[np.bool_]:
    weight = 1 + shared * np.exp(log_kernel(angle, beta)) / rest
    return (angle < np.pi / 2) & (np.cos(angle) * weight > beta * np.sin(angle) ** 2)
