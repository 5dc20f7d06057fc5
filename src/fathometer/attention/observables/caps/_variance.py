"""The variance of the law inside each cap along a trajectory."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model.caps._law import log_promised, log_window_time
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import DISTANCE_ERROR, axis_times, deficits, settled
from fathometer.evidence import Estimate, Trajectory


def variances(trajectory: Trajectory) -> tuple[Float[np.ndarray, "t k"], Float[np.ndarray, "t k"]]:
    """V_q, the integral of |y - x|^2 over cap q, and 1 - eta_q, for each state and cap.

    x is the token of the cap that is farthest from its centre, eta_q the smallest <y, x> over the cap.
    """
    cloud, points = SeparatedCloud.expect(trajectory.problem), trajectory.states["points"]
    depths, per_cap = deficits(trajectory), []
    for q in range(len(cloud.centres)):
        own = np.flatnonzero(cloud.members == q)
        far = own[np.argmax(depths[:, own], axis=1)]
        squares = np.sum((points[:, own] - points[np.arange(len(points)), far][:, None]) ** 2, axis=-1)
        per_cap.append((squares @ cloud.system.masses[own], np.max(squares, axis=1) / 2))
    return np.stack([v for v, _ in per_cap], axis=1), np.stack([spread for _, spread in per_cap], axis=1)


def entry(trajectory: Trajectory) -> Estimate:
    """First saved time from which on every V_q is at most 4 exp(-(lambda - 8 eps) beta), up to the window time."""
    log_times = axis_times(trajectory.axis)
    inside = log_times <= log_window_time(trajectory.problem)
    worst = np.sqrt(np.max(variances(trajectory)[0], axis=1))[inside]
    with np.errstate(over="ignore"):
        limit = np.exp(log_promised(trajectory.problem) / 2)
        times, end = np.append(np.exp(log_times[inside]), np.inf), np.exp(log_times[-1])
    first, seen, sure = (settled(worst + shift, limit) for shift in (-DISTANCE_ERROR, 0.0, DISTANCE_ERROR))
    open_end = end if not np.all(inside) else 0.0
    before = times[max(0, first - 1)] if first else 0.0
    return Estimate.heuristic(times[seen], max(before, open_end) if np.isinf(times[seen]) else before, times[sure])


def variance_at_stop(trajectory: Trajectory) -> Estimate:
    """Log of V_q at the first saved time with eta_q exp(-(1 - eta_q) beta) V_q <= 2 exp(-lambda beta), cap by cap."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    values, spread = variances(trajectory)
    with np.errstate(divide="ignore"):  # tokens at right angles or more do not pull at all
        pull = np.log(values) + np.log1p(-np.minimum(spread, 1.0)) - spread * cloud.system.beta
    stopped = pull <= np.log(2) - cloud.rate * cloud.system.beta
    roots = np.sqrt(values[np.argmax(stopped, axis=0), np.arange(values.shape[1])])
    roots = np.where(stopped.any(axis=0), roots, np.nan)
    with np.errstate(divide="ignore"):
        ends = (2 * np.log(np.maximum(roots + shift, 0.0)) for shift in (0.0, -DISTANCE_ERROR, DISTANCE_ERROR))
        value, lower, upper = ends
    return Estimate.heuristic(value, lower, upper)
