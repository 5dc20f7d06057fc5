"""Metastability of a law in caps: tokens with masses, each cap holding the same share of them."""

import sys

import numpy as np
from jaxtyping import Float

from fathometer.attention._metastability import (
    DISTANCE_ERROR,
    SEPARATED,
    TOKENS_IN_CAPS,
    axis_times,
    deficits,
    settled,
)
from fathometer.attention._separated_cloud import expect_separated_cloud, separation
from fathometer.evidence import AtLeast, AtMost, Estimate, Hypothesis, Problem, Trajectory


def log_window_time(problem: Problem) -> float:
    """Log of (eps/k) exp(beta (1 - alpha - 8 eps)), which lies between T_1 and T_2."""
    cloud = expect_separated_cloud(problem)
    rate = cloud.clearance - 8 * cloud.epsilon
    return float(np.log(cloud.epsilon / len(cloud.centres)) + cloud.system.beta * rate)


def variances(trajectory: Trajectory) -> tuple[Float[np.ndarray, "t k"], Float[np.ndarray, "t k"]]:
    """V_q, the integral of |y - x|^2 over cap q, and 1 - eta_q, for each state and cap.

    x is the token of the cap that is farthest from its centre, eta_q the smallest <y, x> over the cap.
    """
    cloud, points = expect_separated_cloud(trajectory.problem), trajectory.states["points"]
    depths, found = deficits(trajectory), []
    for q in range(len(cloud.centres)):
        own = np.flatnonzero(cloud.members == q)
        far = own[np.argmax(depths[:, own], axis=1)]
        squares = np.sum((points[:, own] - points[np.arange(len(points)), far][:, None]) ** 2, axis=-1)
        found.append((squares @ cloud.system.masses[own], np.max(squares, axis=1) / 2))
    return np.stack([v for v, _ in found], axis=1), np.stack([spread for _, spread in found], axis=1)


def log_promised(problem: Problem) -> float:
    """Log of 4 exp(-(lambda - 8 eps) beta)."""
    cloud = expect_separated_cloud(problem)
    return float(np.log(4) - (cloud.rate - 8 * cloud.epsilon) * cloud.system.beta)


def is_trivial(problem: Problem) -> bool:
    """Whether the promise is no less than 16 eps/k, more than which V_q cannot be."""
    cloud = expect_separated_cloud(problem)
    return bool(log_promised(problem) >= np.log(16 * cloud.epsilon / len(cloud.centres)))


def entry(trajectory: Trajectory) -> Estimate:
    """First saved time from which on every V_q is at most 4 exp(-(lambda - 8 eps) beta), up to the window time."""
    log_times = axis_times(trajectory.axis)
    inside = log_times <= log_window_time(trajectory.problem)
    worst = np.sqrt(np.max(variances(trajectory)[0], axis=1))[inside]
    limit = np.exp(log_promised(trajectory.problem) / 2)
    times = np.append(np.exp(log_times[inside]), np.inf)
    first, seen, sure = (settled(worst + shift, limit) for shift in (-DISTANCE_ERROR, 0.0, DISTANCE_ERROR))
    open_end = trajectory.axis.points[-1] if not np.all(inside) else 0.0
    before = times[max(0, first - 1)] if first else 0.0
    return Estimate.heuristic(times[seen], max(before, open_end) if np.isinf(times[seen]) else before, times[sure])


def variance_at_stop(trajectory: Trajectory) -> Estimate:
    """Log of V_q at the first saved time with eta_q exp(-(1 - eta_q) beta) V_q <= 2 exp(-lambda beta), cap by cap."""
    cloud = expect_separated_cloud(trajectory.problem)
    values, spread = variances(trajectory)
    with np.errstate(divide="ignore"):
        logs = np.log(values)
    pull = logs + np.log1p(-spread) - spread * cloud.system.beta
    stopped = pull <= np.log(2) - cloud.rate * cloud.system.beta
    index = np.argmax(stopped, axis=0)
    found = np.where(stopped.any(axis=0), logs[index, np.arange(logs.shape[1])], np.nan)
    known = np.isfinite(found)
    error = np.where(known, 2 * DISTANCE_ERROR / np.exp(np.where(known, found, 0.0) / 2), np.inf)
    return Estimate.heuristic(found, np.where(known, found - error, -np.inf), np.where(known, found + error, np.inf))


def _share_defect(problem: Problem) -> Estimate:
    cloud = expect_separated_cloud(problem)
    shares = np.bincount(cloud.members, cloud.system.masses, len(cloud.centres))
    return Estimate.exact(np.max(np.abs(len(cloud.centres) * shares - 1)))


def _gamma_excess(problem: Problem) -> Estimate:
    cloud = expect_separated_cloud(problem)
    found = separation(cloud.clearance, cloud.epsilon, len(cloud.centres), cloud.system.beta)
    return Estimate.exact(found - 8 * cloud.epsilon)


def _room_for_rate(problem: Problem) -> Estimate:
    cloud = expect_separated_cloud(problem)
    return Estimate.exact(float(_gamma_excess(problem).value) + 8 * cloud.epsilon - cloud.rate)


def _rate(problem: Problem) -> Estimate:
    return Estimate.exact(expect_separated_cloud(problem).rate)


LAW_IN_CAPS = (
    Hypothesis("every cap has the mass 1/k (relative deviation)", AtMost(1e-9, domain=(0, None)), _share_defect),
    TOKENS_IN_CAPS[-1],
    SEPARATED[len(TOKENS_IN_CAPS)],
    SEPARATED[len(TOKENS_IN_CAPS) + 1],
    Hypothesis("separated: gamma - 8 eps > 0, with k for n", AtLeast(sys.float_info.min), _gamma_excess),
)
ADMISSIBLE = (
    Hypothesis("a decay rate lambda > 0", AtLeast(sys.float_info.min), _rate),
    Hypothesis("lambda below gamma (room)", AtLeast(sys.float_info.min), _room_for_rate),
)
