"""How far all tokens together have gone."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import time_of_one_cluster
from fathometer.evidence import Estimate, Trajectory


def path_length(trajectory: Trajectory) -> Estimate:
    """Length of the path of all tokens together since time 0, as the crow flies from state to state.

    Its upper end has room for the bends that every other state shows, and for the rest of the way to one point; it is
    open if the tokens are not one cluster at the end. It does not hang on the clock.
    """
    last = trajectory.states["points"][-1]
    points = np.concatenate([ParticleSystem.expect(trajectory.problem).points[None], trajectory.states["points"]])
    length, coarse = _along(points), _along(np.concatenate([points[:-1:2], points[-1:]]))
    rest = float(np.linalg.norm(last - np.mean(last, axis=0)))
    met = np.isfinite(time_of_one_cluster(trajectory).value)
    return Estimate.heuristic(length, length, length + max(0.0, length - coarse) + rest if met else np.inf)


def _along(points: Float[np.ndarray, "t n d"]) -> float:
    """Sum of the distances on the product of the spheres from each state to the next."""
    angles = 2 * np.arcsin(np.minimum(np.linalg.norm(np.diff(points, axis=0), axis=-1) / 2, 1.0))
    return float(np.sum(np.linalg.norm(angles, axis=1)))
