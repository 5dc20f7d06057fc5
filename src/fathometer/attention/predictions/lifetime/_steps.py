"""Steps of caps that move and widen so fast that no token gets out: a comparison equation with the rates of the end.

Let cap p have the centre w_p, the radius a_p and the mass M_p. The outermost token of a cap is pulled inward by its own
cap: <x_j, w> - <x_i, x_j> <x_i, w> >= <x_i, w> (1 - <x_i, x_j>) >= 0. So if the centre moves with the velocity V_p,

    a_p' <= max over tokens of |F(x_i) - V_p|,   F(x_i) = sum over the other caps of (m_j/Z_i) k(x_i, x_j) P x_j.

In a step the caps are enclosed first: centres on their geodesics, radii up to a_p + room. On that enclosure |F - V| is
bounded by the derivatives of F times how far tokens can be from the middle of the step, or, with V = 0, by the sum of
the largest pulls. If the bounds times the duration fit into the room, the enclosure holds, by continuity.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.predictions.lifetime._caps import ROUNDING, Caps, angles_between
from fathometer.attention.predictions.lifetime._pulls import (
    Attraction,
    changes_at_most,
    force_at_most,
    kernel_at_most,
    log_kernel,
    partition,
)

_UP = 1 + 1e-12
_LEAST = 1e-14
"""Rounding of a force, as a share of the pulls of which it is the sum."""

Vectors = Float[np.ndarray, "k d"]
PerCap = Float[np.ndarray, " k"]
Pairs = Float[np.ndarray, "k k"]


@dataclass(frozen=True)
class Moved:
    """Caps after a step.

    Attributes:
        caps: the caps that hold the tokens then.
        duration: of the step, in units of exp(-scale).
    """

    caps: Caps
    duration: float


class Box(NamedTuple):
    """Where caps can be during a step.

    Attributes:
        middles: centres in the middle of the step.
        half: how far a centre can be from its middle, in radians.
        width: radii at the end.
    """

    middles: Vectors
    half: PerCap
    width: PerCap

    @property
    def reach(self) -> PerCap:
        """How far a token can be from the middle of its cap."""
        return self.half + self.width


class Widening(NamedTuple):
    """A bound of the growth of radii, a' <= constant + slope a, and another one, a' <= other.

    Attributes:
        constant: >= 0.
        slope: of any sign.
        other: >= 0.
    """

    constant: PerCap
    slope: PerCap
    other: PerCap

    def largest(self, width: PerCap, duration: float) -> PerCap:
        """How much a radius below `width` grows until any moment of the step, at the most."""
        return _UP * duration * np.minimum(self.constant + np.maximum(self.slope, 0.0) * width, self.other)

    def after(self, radii: PerCap, width: PerCap, duration: float) -> PerCap:
        """How much it has grown at the end of the step, at the most."""
        fall = np.minimum(self.slope, 0.0) * duration
        mean = np.where(fall < 0, np.expm1(fall) / np.where(fall < 0, fall, 1.0), 1.0)
        shrunk = radii * (np.expm1(fall) + 1e-12) + _UP * duration * self.constant * mean
        return np.where(
            self.slope < 0, np.minimum(shrunk, self.largest(width, duration)), self.largest(width, duration)
        )


def separations(caps: Caps) -> Pairs:
    """Least angle between tokens of two caps; infinite on the diagonal."""
    apart = angles_between(caps.centres, caps.centres) - (caps.radii[:, None] + caps.radii[None]) - ROUNDING
    np.fill_diagonal(apart, np.inf)
    return apart


def pulls_at_most(apart: Pairs, inner: PerCap, attraction: Attraction, scale: float) -> PerCap:
    """Largest speed that the other caps together can give to a token of each cap, in units of exp(scale).

    Args:
        apart: least angles between tokens of two caps.
        inner: largest angle between two tokens of each cap.
        attraction: what pulls.
        scale: see `_pulls`.
    """
    forces = np.where(attraction.others, force_at_most(apart, attraction.beta, scale), 0.0)
    return _UP * (forces @ attraction.masses) / _least_partition(inner, None, attraction)


def step(
    caps: Caps, attraction: Attraction, scale: float, duration: float, follow: Bool[np.ndarray, " k"]
) -> Moved | None:
    """Move the caps on; None if the enclosure does not close and the step must be shorter.

    Args:
        caps: at the beginning.
        attraction: what pulls.
        scale: see `_pulls`.
        duration: in units of exp(-scale).
        follow: whether the centre of a cap moves.
    """
    shifts = _shifts(caps, attraction, scale, duration) * follow[:, None]
    room = np.zeros(len(caps.radii))
    for _ in range(4):
        box = _box(caps, shifts, room)
        if np.any(box.width > np.pi / 2):
            return None
        widening = _widening(box, shifts / duration, attraction, scale)
        growth = widening.largest(box.width, duration)
        if np.all(growth <= room):
            radii = caps.radii + widening.after(caps.radii, box.width, duration) + ROUNDING
            return Moved(Caps(moved(caps.centres, shifts), radii, caps.masses), duration)
        room = 1.3 * growth + 1e-16
    return None


def forces(centres: Vectors, attraction: Attraction, scale: float) -> Vectors:
    """Velocities of clusters that are points, in units of exp(scale), to rounding.

    Args:
        centres: their places.
        attraction: what pulls.
        scale: see `_pulls`.
    """
    angles = angles_between(centres, centres)
    logs = log_kernel(angles, attraction.beta)
    weights = np.where(attraction.others, attraction.masses * np.exp(logs - scale), 0.0)
    weights /= partition(np.exp(logs), np.ones(len(centres)), attraction)[:, None]
    return weights @ centres - np.sum(weights * np.cos(angles), axis=1, keepdims=True) * centres


def moved(centres: Vectors, shifts: Vectors) -> Vectors:
    """Go along geodesics, by tangent vectors at the centres."""
    lengths = np.linalg.norm(shifts, axis=1, keepdims=True)
    ahead = np.cos(lengths) * centres + np.sinc(lengths / np.pi) * shifts
    return ahead / np.linalg.norm(ahead, axis=1, keepdims=True)


def _shifts(caps: Caps, attraction: Attraction, scale: float, duration: float) -> Vectors:
    """Displacements of the centres by the forces half way."""
    half = moved(caps.centres, forces(caps.centres, attraction, scale) * (duration / 2))
    there = forces(half, attraction, scale) * duration
    return there - np.sum(there * caps.centres, axis=1, keepdims=True) * caps.centres


def _box(caps: Caps, shifts: Vectors, room: PerCap) -> Box:
    half = np.linalg.norm(shifts, axis=1) / 2 * _UP + ROUNDING
    return Box(moved(caps.centres, shifts / 2), half, caps.radii + room + ROUNDING)


def _widening(box: Box, velocities: Vectors, attraction: Attraction, scale: float) -> Widening:
    """Bound how fast the radii grow during a step."""
    angles = angles_between(box.middles, box.middles)
    reach = box.reach[:, None] + box.reach[None] + ROUNDING
    apart, most = angles - reach, angles + reach
    plain = pulls_at_most(apart, 2 * box.width, attraction, scale)
    speeds = np.linalg.norm(velocities, axis=1)
    still = speeds == 0
    constant, slope = spread(apart, most, box, attraction, scale)
    constant = constant + _deviation(box, velocities, attraction, scale)
    return Widening(np.where(still, np.inf, constant), np.where(still, 0.0, slope), plain + speeds * _UP)


def _deviation(box: Box, velocities: Vectors, attraction: Attraction, scale: float) -> PerCap:
    """Distance of the force in the middle of the step from the velocity there."""
    lengths = np.linalg.norm(velocities, axis=1, keepdims=True)
    middle = forces(box.middles, attraction, scale)
    ahead = velocities - np.sum(velocities * box.middles, axis=1, keepdims=True) * box.middles
    norms = np.linalg.norm(ahead, axis=1, keepdims=True)
    carried = ahead * np.where(norms > 0, lengths / np.where(norms > 0, norms, 1.0), 0.0)
    return _UP * np.linalg.norm(middle - carried, axis=1)


def spread(apart: Pairs, most: Pairs, box: Box, attraction: Attraction, scale: float) -> tuple[PerCap, PerCap]:
    """Bound how much further outward a token is pulled than the middle of its cap: constant + slope times its distance.

    Args:
        apart: least angles between tokens of two caps.
        most: largest angles.
        box: where the caps are.
        attraction: what pulls.
        scale: see `_pulls`.
    """
    beta, masses, others = attraction.beta, attraction.masses, attraction.others
    changes = changes_at_most(apart, most, beta, scale)
    paths = box.half[:, None] + box.half[None] + box.width[None]
    constant = np.where(others, changes.norm * paths, 0.0) @ masses
    slope = np.where(others, changes.outward, 0.0) @ masses
    pulls = np.where(others, kernel_at_most(apart, beta, scale), 0.0) @ masses
    least = _least_partition(2 * box.width, most, attraction)
    largest = partition(kernel_at_most(apart, beta, 0.0), np.ones(len(masses)), attraction) * _UP
    # 1/Z of a token and of the middle are both between 1/largest and 1/least
    uneven = pulls * (1 / least - 1 / largest + _LEAST / least)
    return _UP * (constant / least + uneven), slope / np.where(slope > 0, least / _UP, largest)


def _least_partition(inner: PerCap, most: Pairs | None, attraction: Attraction) -> PerCap:
    """Lower bound of Z."""
    own = np.exp(log_kernel(np.minimum(inner, np.pi), attraction.beta))
    others = np.zeros((len(own), len(own)))
    if most is not None:
        others = np.exp(log_kernel(np.minimum(most, np.pi), attraction.beta))
    return partition(others, own, attraction) / _UP
