"""In a cap on the circle, off the slow manifold, an outermost token feels the largest force or nearly so."""

import numpy as np

from fathometer.attention.dynamics._ascent_path import energy_gradient
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._geometry import cap_widths
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import expect_angles
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

ROUNDING = 1e-9


def force_ratio(trajectory: Trajectory) -> Estimate:
    """Largest of max_l |d_l E| / max(|d_1 E|, |d_r E|) over the caps that are off the slow manifold; 0 if none is."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    angles = expect_angles(trajectory)
    forces = np.abs(energy_gradient(angles, cloud.system.beta))
    ratios = [_of_cap(angles[:, own], forces[:, own], cloud) for own in _groups(cloud)]
    found = np.max([np.zeros(len(angles)), *ratios], axis=0)
    return Estimate.heuristic(found, found - ROUNDING, found + ROUNDING, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most e/2."""
    return AtMost(np.e / 2, domain=(0, None))


def _groups(cloud: SeparatedCloud) -> list[np.ndarray]:
    return [own for q in range(len(cloud.centres)) if len(own := np.flatnonzero(cloud.members == q)) > 1]


def _of_cap(angles: np.ndarray, forces: np.ndarray, cloud: SeparatedCloud) -> np.ndarray:
    offsets = np.angle(np.exp(1j * (angles - angles[:, :1])))
    ends = np.stack([np.argmin(offsets, axis=1), np.argmax(offsets, axis=1)], axis=1)
    outer = np.max(np.take_along_axis(forces, ends, axis=1), axis=1)
    off = np.ptp(offsets, axis=1) > np.exp(-cloud.rate * cloud.system.beta / 2)
    return np.where(off, np.max(forces, axis=1) / np.where(outer > 0, outer, np.inf), 0.0)


def _smallness(cloud: SeparatedCloud) -> float:
    """The least delta that the leak between the caps allows."""
    beta = cloud.system.beta
    return float(8 * (1 + beta) * np.exp(-cloud.clearance * beta - 0.5))


def _room_for_delta(problem: Problem) -> Estimate:
    return Estimate.exact(1 - _smallness(SeparatedCloud.expect(problem)))


def _room_in_range(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    limit = np.sqrt(max(0.0, 1 - _smallness(cloud)) / (cloud.system.beta + 0.5)) / 8
    widest = np.max(cap_widths(cloud.system.points[None], cloud.members, len(cloud.centres)))
    return Estimate.exact(limit - 2 * np.arcsin(widest / 2))


def _dimension(problem: Problem) -> Estimate:
    return Estimate.exact(SeparatedCloud.expect(problem).system.points.shape[1])


ON_CIRCLE = Hypothesis("caps on the circle: d = 2", Within(2, 2, domain=(2, None)), _dimension)
SMALL = (
    Hypothesis("a delta < 1 above the leak (room)", AtLeast(1e-12), _room_for_delta),
    Hypothesis("tokens of a cap close to each other (room)", AtLeast(0.0), _room_in_range),
)

THEOREM = Theorem(
    id="extremal_tokens",
    theory="attention",
    title="The outermost tokens of a cap dominate the force",
    statement="On the circle, with separated caps whose tokens are within sqrt((1 - delta)/(beta + 1/2))/8 of each"
    " other, 8 (1 + beta) exp(-(1 - alpha) beta - 1/2) < delta < 1, max_l |d_l E| <= (e/2) max(|d_1 E|, |d_r E|) in"
    " every cap that is wider than exp(-lambda beta / 2), tokens 1 and r its outermost ones.",
    source=Source(
        METASTABILITY,
        "auxiliary claim of the PL inequality",
        "Measured as the largest ratio over caps off the slow manifold; on it nothing is said, and the ratio is 0.",
    ),
    hypotheses=(ON_CIRCLE, *SEPARATED, *ADMISSIBLE_RATE, *SMALL),
    quantity=force_ratio,
    predict=predict,
)
