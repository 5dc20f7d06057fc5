"""How far tokens in caps are from the slow manifold, on which every cap is one tight cluster."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model.caps._geometry import cap_widths
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import expect_angles
from fathometer.attention.observables.paths._ascent_path import rise_to_slow_set
from fathometer.evidence import Estimate, Observable, Problem, Trajectory

ROOT_ERROR = 1e-8
"""Error of the root of an energy, heuristic."""


def _measure(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    chords = np.max(cap_widths(states["points"], cloud.members, len(cloud.centres)), axis=1)
    with np.errstate(divide="ignore"):
        logs = np.log(2 * np.arcsin(np.minimum(chords / 2, 1.0)))
    return Estimate.exact(logs + cloud.rate * cloud.system.beta / 2)


SLOW_MANIFOLD_DISTANCE = Observable(
    "log_slow_manifold_distance",
    "1",
    "log of the largest angle between two tokens of one cap over exp(-lambda beta / 2): at most 0 on the slow manifold",
    _measure,
)


def root_deficit(trajectory: Trajectory) -> Estimate:
    """Square root of E(v) - E for each state, E = EE/(2 beta) and v with every cap collapsed to its mean angle."""
    seen = _root_deficits(SeparatedCloud.expect(trajectory.problem), expect_angles(trajectory))
    return Estimate.heuristic(seen, np.maximum(seen - ROOT_ERROR, 0.0), seen + ROOT_ERROR, along=trajectory.axis)


def initial_root_deficit(cloud: SeparatedCloud) -> float:
    """The same at time 0."""
    points = cloud.system.points
    return float(_root_deficits(cloud, np.arctan2(points[:, 1], points[:, 0])[None])[0])


def _root_deficits(cloud: SeparatedCloud, angles: Float[np.ndarray, "t n"]) -> Float[np.ndarray, " t"]:
    members = cloud.members.astype(float)
    centres = np.arctan2(cloud.centres[:, 1], cloud.centres[:, 0])[cloud.members]
    lifted = centres + np.angle(np.exp(1j * (angles - centres)))  # means of angles need one branch
    path = AscentPath(np.stack([lifted[0], lifted[0]]), np.array([0.0, 1.0]), cloud.system.beta, members)
    return np.sqrt(np.maximum(rise_to_slow_set(path, lifted), 0.0))
