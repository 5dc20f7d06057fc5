"""How equiangular tokens approach each other next to one cluster."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.distance import pdist

from fathometer.evidence import Axis, AxisKind, Estimate, Trajectory

FIRST_LATE = 100.0
"""Time from which on a power of the time is looked for."""
_RESOLVED = 1e-6
_ERROR = 1e-8


def largest_deficits(points: Float[np.ndarray, "t n d"]) -> Float[np.ndarray, " t"]:
    """1 less the smallest cosine between two of n >= 2 tokens, for each of t states, with its digits."""
    return np.array([np.max(pdist(state)) ** 2 / 2 for state in points])


def late_rate(run: Trajectory, beta: float) -> Estimate:
    """Rate of decay of 1 - cosine between the states where it is below 0.005/(1 + beta) and above 1e-6; else NaN."""
    deficits, times = largest_deficits(run.states["points"]), run.axis.points
    late = np.flatnonzero(_next_to_one_cluster(deficits, beta) & (deficits > _RESOLVED))
    if len(late) < 2:
        return Estimate.exact(np.nan)
    first, last = late[[0, -1]]
    span = times[last] - times[first]
    rate, error = np.log(deficits[first] / deficits[last]) / span, _ERROR / deficits[last] / span
    return Estimate.heuristic(rate, rate - error, rate + error)


def late_deficits(run: Trajectory, beta: float) -> Estimate:
    """1 - cosine from the time 100 on where it is below 0.005/(1 + beta); NaN at that time if it never is."""
    deficits, times = largest_deficits(run.states["points"]), run.axis.points
    late = (times >= FIRST_LATE) & _next_to_one_cluster(deficits, beta)
    if not np.any(late):
        return Estimate.exact([np.nan], along=Axis(AxisKind.TIME, np.array([FIRST_LATE])))
    return Estimate.exact(deficits[late], along=Axis(AxisKind.TIME, times[late], run.axis.label))


def _next_to_one_cluster(deficits: Float[np.ndarray, " t"], beta: float) -> Bool[np.ndarray, " t"]:
    return deficits < 0.005 / (1 + beta)
