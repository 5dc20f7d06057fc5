"""How fast caps must widen to keep their tokens, during a step of which it is known where they are."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import Model
from fathometer.attention.predictions.lifetime._caps import ROUNDING, angles_between
from fathometer.attention.predictions.lifetime._pulls import (
    UP,
    Angles,
    Attraction,
    PerCap,
    changes_at_most,
    kernel_at_least,
    kernel_at_most,
    largest_partition,
    least_partition,
    log_kernel,
    partition,
    pulls_at_most,
)

_LEAST = 1e-14
"""Rounding of a force, as a share of the pulls of which it is the sum."""

Vectors = NDArray[np.float64]
"""Shape (k, d)."""


class Box(NamedTuple):
    """Where caps can be during a step.

    Attributes:
        middles: centres in the middle of the step.
        half: how far a centre can be from its middle, in radians.
        radii: at the most.
        inner: angle between two tokens of a cap, at the most.
    """

    middles: Vectors
    half: PerCap
    radii: PerCap
    inner: PerCap

    def angles(self) -> Angles:
        """Between tokens, at any moment of the step."""
        middle = angles_between(self.middles, self.middles)
        reach = self.half + self.radii
        room = reach[:, None] + reach[None] + ROUNDING
        return Angles(middle - room, middle + room, self.inner)


class Widening(NamedTuple):
    """A bound of the growth of radii, a' <= constant + slope a, another one, a' <= other, and one of that of widths.

    Widths, the largest angles w between two tokens of one cap, obey w' <= stretch w - shrinking w, the last in natural
    units: own tokens z pull a farthest pair together by m_z k (1 - <x, y>) (<z, x> + <z, y>)/Z each (derived).

    Attributes:
        constant: >= 0.
        slope: of any sign.
        other: >= 0.
        stretch: >= 0.
        shrinking: M k(w) cos(w)/Z at the least.
    """

    constant: PerCap
    slope: PerCap
    other: PerCap
    stretch: PerCap
    shrinking: PerCap

    def largest(self, radii: PerCap, duration: float) -> PerCap:
        """How much a radius that stays below `radii` grows until any moment of the step, at the most."""
        return UP * duration * np.minimum(self.constant + np.maximum(self.slope, 0.0) * radii, self.other)

    def after(self, before: PerCap, radii: PerCap, duration: float) -> PerCap:
        """How much it has grown at the end of the step, at the most.

        Args:
            before: radii at the beginning.
            radii: at any moment of the step, at the most.
            duration: of the step, in units of exp(-scale).
        """
        fall = np.minimum(self.slope, 0.0) * duration
        mean = np.where(fall < 0, np.expm1(fall) / np.where(fall < 0, fall, 1.0), 1.0)
        shrunk = before * (np.expm1(fall) + 1e-12) + UP * duration * self.constant * mean
        largest = self.largest(radii, duration)
        return np.where(self.slope < 0, np.minimum(shrunk, largest), largest)


def widening(box: Box, angles: Angles, velocities: Vectors, attraction: Attraction, scale: float) -> Widening:
    """Bound how fast the caps widen.

    Args:
        box: where they are.
        angles: of the box.
        velocities: of the centres at the beginning, tangent there, in units of exp(scale); constant along geodesics.
        attraction: what pulls.
        scale: see `_pulls`.
    """
    pulls, speeds = pulls_at_most(angles, attraction, scale), np.linalg.norm(velocities, axis=1)
    constant, slope, stretch = spread(box, angles, attraction, scale, pulls)
    constant = constant + _deviation(box.middles, velocities, attraction, scale)
    still = speeds == 0
    shrinking = own_pull(box.inner, largest_partition(angles, attraction), attraction)
    return Widening(
        np.where(still, np.inf, constant), np.where(still, 0.0, slope), pulls + speeds * UP, stretch, shrinking
    )


def own_pull(width: PerCap, largest: PerCap, attraction: Attraction) -> PerCap:
    """Least rate at which a cluster of some width contracts, without the others: M k(w) cos(w)/Z; 0 if too wide.

    Args:
        width: the largest angle between two of its tokens.
        largest: Z of its tokens at the most.
        attraction: what pulls.
    """
    cosine = np.cos(np.minimum(width + ROUNDING, np.pi / 2))
    return np.maximum(attraction.masses * kernel_at_least(width, attraction.beta, 0.0) * cosine / largest / UP, 0.0)


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


def spread(
    box: Box, angles: Angles, attraction: Attraction, scale: float, pulls: PerCap
) -> tuple[PerCap, PerCap, PerCap]:
    """Bound how much further outward a token is pulled than the middle of its cap, and how pulls differ inside a cap.

    Args:
        box: where the caps are.
        angles: of the box.
        attraction: what pulls.
        scale: see `_pulls`.
        pulls: on a token, at the most.

    Returns:
        Constant and slope in the distance of a token from its centre, and the stretch of distances inside a cap.
    """
    masses, others = attraction.masses, attraction.others
    changes = changes_at_most(angles, attraction.beta, scale)
    paths = box.half[:, None] + box.half[None] + box.radii[None]
    constant = np.where(others, changes.norm * paths, 0.0) @ masses
    slope = np.where(others, changes.outward, 0.0) @ masses
    weights = np.where(others, kernel_at_most(angles.least, attraction.beta, scale), 0.0) @ masses
    least, largest = least_partition(angles, attraction), largest_partition(angles, attraction)
    # 1/Z of a token and of the middle are both between 1/largest and 1/least
    uneven = weights * (1 / least - 1 / largest + _LEAST / least)
    outward = slope / np.where(slope > 0, least / UP, largest)
    steeper = pulls * _partition_slope(angles, attraction) / least
    return UP * (constant / least + uneven), outward, UP * (np.maximum(outward, 0.0) + steeper)


def _partition_slope(angles: Angles, attraction: Attraction) -> PerCap:
    """Largest derivative of Z along its cap; 0 for USA."""
    if attraction.model is Model.USA:
        return np.zeros(len(attraction.masses))
    outside = np.where(attraction.others, kernel_at_most(angles.least, attraction.beta, 0.0), 0.0) @ attraction.masses
    return attraction.beta * (attraction.masses * angles.inner + outside)


def _deviation(middles: Vectors, velocities: Vectors, attraction: Attraction, scale: float) -> PerCap:
    """Distance of the force in the middle of the step from the velocity there."""
    lengths = np.linalg.norm(velocities, axis=1, keepdims=True)
    ahead = velocities - np.sum(velocities * middles, axis=1, keepdims=True) * middles
    norms = np.linalg.norm(ahead, axis=1, keepdims=True)
    carried = ahead * np.where(norms > 0, lengths / np.where(norms > 0, norms, 1.0), 0.0)
    return UP * np.linalg.norm(forces(middles, attraction, scale) - carried, axis=1)
