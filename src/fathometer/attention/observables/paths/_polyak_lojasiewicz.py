"""The Polyak-Lojasiewicz inequality of the energy on the circle, around clusters that have collapsed."""

import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import widths
from fathometer.evidence import Estimate, Trajectory, finite_number

_RELATIVE = 1e-9
"""Error of a ratio."""

_RESOLVED = 1e-6
"""Distance above which differences of points have the digits that a ratio needs."""


def pl_ratio(
    points: Float[np.ndarray, "*t n 2"], masses: Float[np.ndarray, " n"], members: Int[np.ndarray, " n"], beta: float
) -> Float[np.ndarray, "*t"]:
    """|grad E|^2 / (2 (E_plateau - E)) with E = EE/(2 beta), the gradient in the angles, for each state.

    E_plateau - E is the sum of m_i m_j (1 - k(x_i, x_j)) / (2 beta) over pairs of one cluster, with all its digits;
    what collapse changes between clusters, exponentially small, is left out. Around k far clusters of n_q equal tokens
    the ratio is at least about min_q n_q / n^2 (derived). NaN where every cluster has collapsed.

    Args:
        points: unit vectors of the plane.
        masses: positive, sum 1.
        members: number of the cluster of each token.
        beta: inverse temperature, > 0.
    """
    finite_number("beta", beta, above=0)
    first, second = points[..., :, None, :], points[..., None, :, :]
    gaps = np.sum((first - second) ** 2, axis=-1) / 2
    weights = masses[:, None] * masses
    turning = first[..., 0] * (second - first)[..., 1] - first[..., 1] * (second - first)[..., 0]
    gradient = np.sum(weights * np.exp(-beta * gaps) * turning, axis=-1)
    deficit = np.sum(weights * (members[:, None] == members) * -np.expm1(-beta * gaps), axis=(-2, -1)) / (2 * beta)
    slopes = np.sum(gradient**2, axis=-1)
    return np.asarray(np.where(deficit > 0, slopes / (2 * np.where(deficit > 0, deficit, 1.0)), np.nan))


def smallest_arc(points: Float[np.ndarray, "n 2"]) -> float:
    """Angle in radians of the smallest arc of the circle that holds the points."""
    angles = np.sort(np.arctan2(points[:, 1], points[:, 0]))
    return float(2 * np.pi - np.max(np.diff(angles, append=angles[0] + 2 * np.pi)))


def ratio_of_cluster(trajectory: Trajectory) -> Estimate:
    """`pl_ratio` with all tokens as one cluster, for every state."""
    system = ParticleSystem.expect(trajectory.problem)
    return _ratios(trajectory, system, np.zeros(len(system.points), np.int64))


def ratio_of_caps(trajectory: Trajectory) -> Estimate:
    """`pl_ratio` with the tokens of each cap as a cluster, for every state.

    Infinite on the slow manifold, where no two tokens of a cap are more than exp(-lambda beta / 2) apart and nothing is
    missing.
    """
    cloud = SeparatedCloud.expect(trajectory.problem)
    seen = _ratios(trajectory, cloud.system, cloud.members)
    angles = 2 * np.arcsin(np.minimum(widths(trajectory) / 2, 1.0))
    on_it = (angles > 0) & (angles <= np.exp(-cloud.rate * cloud.system.beta / 2))
    value, lower, upper = (np.where(on_it, np.inf, part) for part in (seen.value, seen.lower, seen.upper))
    return Estimate.heuristic(value, lower, upper, along=trajectory.axis)


def while_a_cluster_has_width(trajectory: Trajectory) -> Trajectory:
    """The part up to the last state in which a token is resolved from the first one: beyond, ratios are rounding."""
    points = trajectory.states["points"]
    return _until_last(trajectory, np.max(np.linalg.norm(points - points[:, :1], axis=-1), axis=1))


def while_a_cap_has_width(trajectory: Trajectory) -> Trajectory:
    """The part up to the last state in which tokens of a cap are resolved: beyond, ratios are rounding."""
    return _until_last(trajectory, widths(trajectory))


def _until_last(trajectory: Trajectory, apart: Float[np.ndarray, " t"]) -> Trajectory:
    last = np.max(np.flatnonzero(apart > _RESOLVED), initial=0)
    return trajectory.until(float(trajectory.axis.points[last]))


def _ratios(trajectory: Trajectory, system: ParticleSystem, members: Int[np.ndarray, " n"]) -> Estimate:
    states = trajectory.states["points"]  # one by one: pairs of all states at once would not fit
    seen = np.array([pl_ratio(points, system.masses, members, system.beta) for points in states])
    return Estimate.heuristic(seen, seen * (1 - _RELATIVE), seen * (1 + _RELATIVE), along=trajectory.axis)
