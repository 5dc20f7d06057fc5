"""Forces on the outermost tokens of caps on the circle."""

import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.model._ascent_path import energy_gradient
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import expect_angles
from fathometer.evidence import Estimate, Trajectory

_ROUNDING = 1e-9
_RESOLVED = 1e-7
"""Width of a cap above which the forces inside it have the digits that a ratio needs."""


def force_ratio(trajectory: Trajectory) -> Estimate:
    """Largest of max_l |d_l E| / max(|d_1 E|, |d_r E|) over the caps that are off the slow manifold; 0 if none is.

    Tokens 1 and r are the outermost ones of the cap. Off the slow manifold it is wider than exp(-lambda beta / 2) and
    than what float64 resolves. NaN if no cap is ever off it, for then there is no ratio at all.
    """
    cloud = SeparatedCloud.expect(trajectory.problem)
    angles = expect_angles(trajectory)
    forces = np.stack([np.abs(energy_gradient(state, cloud.system.beta)) for state in angles])
    least = max(np.exp(-cloud.rate * cloud.system.beta / 2), _RESOLVED)
    ratios = [_of_cap(angles[:, own], forces[:, own], least) for own in _groups(cloud)]
    seen = np.max([np.zeros(len(angles)), *ratios], axis=0)
    largest = seen if np.any(seen > 0) else np.full_like(seen, np.nan)
    return Estimate.heuristic(largest, largest - _ROUNDING, largest + _ROUNDING, along=trajectory.axis)


def _groups(cloud: SeparatedCloud) -> list[Int[np.ndarray, " g"]]:
    return [own for q in range(len(cloud.centres)) if len(own := np.flatnonzero(cloud.members == q)) > 1]


def _of_cap(
    angles: Float[np.ndarray, "t g"], forces: Float[np.ndarray, "t g"], least: float
) -> Float[np.ndarray, " t"]:
    offsets = np.angle(np.exp(1j * (angles - angles[:, :1])))
    ends = np.stack([np.argmin(offsets, axis=1), np.argmax(offsets, axis=1)], axis=1)
    outer = np.max(np.take_along_axis(forces, ends, axis=1), axis=1)
    off = np.ptp(offsets, axis=1) > least
    return np.where(off, np.max(forces, axis=1) / np.where(outer > 0, outer, np.inf), 0.0)
