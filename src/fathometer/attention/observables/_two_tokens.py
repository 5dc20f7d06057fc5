"""Two tokens: their gap, how far they are from antipodal, when they meet and where."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import default_resolution, time_of_one_cluster
from fathometer.evidence import AxisKind, Estimate, Trajectory

_ERROR = 1e-6


def pair_gap(system: ParticleSystem) -> float:
    """Angle between the first and the last token at time 0, in radians."""
    points = system.points
    return 2 * float(np.arctan2(np.linalg.norm(points[0] - points[-1]), np.linalg.norm(points[0] + points[-1])))


def contact_gap(beta: float) -> float:
    """Angle of the chord at which two tokens count as one cluster, in radians."""
    return 2 * float(np.arcsin(default_resolution(beta) / 2))


def antipodal_deviation(points: Float[np.ndarray, "*t n d"]) -> Float[np.ndarray, "*t"]:
    """Angle pi - w of the first two tokens from antipodal, w their gap."""
    return np.asarray(2 * np.arcsin(np.minimum(np.linalg.norm(points[..., 0, :] + points[..., 1, :], axis=-1) / 2, 1)))


def log_deviation_growth(trajectory: Trajectory) -> Estimate:
    """Log of `antipodal_deviation` relative to time 0, for every state."""
    start = antipodal_deviation(ParticleSystem.expect(trajectory.problem).points)
    with np.errstate(divide="ignore"):
        return Estimate.exact(np.log(antipodal_deviation(trajectory.states["points"]) / start), along=trajectory.axis)


def meeting_time(trajectory: Trajectory) -> Estimate:
    """Time at which the tokens were first one cluster, along time or log time; see `time_of_one_cluster`."""
    met = time_of_one_cluster(trajectory)
    if trajectory.axis.kind is not AxisKind.LOG_TIME:
        return met
    with np.errstate(over="ignore"):
        return Estimate.heuristic(np.exp(met.value), np.exp(met.lower), np.exp(met.upper))


def share_travelled(trajectory: Trajectory) -> Estimate:
    """Share of the first gap that the first token has travelled; the bars reach to the place of the second one."""
    system = ParticleSystem.expect(trajectory.problem)
    start, end = system.points, trajectory.states["points"][-1]
    travelled = 2 * np.arctan2(np.linalg.norm(end - start, axis=1), np.linalg.norm(end + start, axis=1))
    low, high = travelled[0] / pair_gap(system), 1 - travelled[1] / pair_gap(system)
    return Estimate.heuristic((low + high) / 2, min(low, high) - _ERROR, max(low, high) + _ERROR)
