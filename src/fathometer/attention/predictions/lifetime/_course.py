"""The course of caps until two of them can meet: steps that are small where the time is spent."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.predictions.lifetime._caps import Caps, angles_between
from fathometer.attention.predictions.lifetime._pulls import Attraction, log_kernel, strongest_angle
from fathometer.attention.predictions.lifetime._steps import (
    Box,
    Moved,
    forces,
    pulls_at_most,
    separations,
    spread,
    step,
)

_FINEST = 1e-3
_COARSEST = 0.25
_NEGLIGIBLE = 1e-5
"""Share of the time so far below which what is left until contact is not waited for."""
_MOST_STEPS = 20_000
_SHORTEST = 1e-9
"""Share of the wanted duration of a step below which the caps are given up."""


@dataclass(frozen=True)
class Course:
    """How far caps were followed.

    Attributes:
        log_time: log of the time during which tokens of different caps are farther from each other than asked for.
        caps: at the end of it.
        steps: number of steps.
    """

    log_time: float
    caps: Caps
    steps: int


class Pace(NamedTuple):
    """What a step is chosen by.

    Attributes:
        scale: log of the unit of speeds.
        speeds: of the tokens of every cap at the most.
        limit: largest duration by the change of the forces.
        left: about how long it takes until two caps meet.
        follow: whether each cap had better follow its force.
    """

    scale: float
    speeds: Float[np.ndarray, " k"]
    limit: float
    left: float
    follow: Bool[np.ndarray, " k"]


def follow_caps(caps: Caps, attraction: Attraction, contact: float, *, moving: bool) -> Course:
    """Step caps on until two of them can be within an angle of each other, or hardly any time is left until then.

    Args:
        caps: at time 0.
        attraction: what pulls.
        contact: the angle in radians, > 0.
        moving: whether centres may move; else the caps only widen.
    """
    log_time, steps, fineness = -np.inf, 0, _FINEST
    while steps < _MOST_STEPS:
        pace = _pace(caps, attraction, contact, moving)
        if pace is None:
            break
        spent = np.exp(min(log_time + pace.scale, 700.0))
        if pace.left < _NEGLIGIBLE * spent:
            break
        fineness = min(_COARSEST, _FINEST * max(1.0, spent / max(pace.left, 1e-300)))
        done = _try(caps, attraction, pace, fineness)
        if done is None or np.min(separations(done.caps)) < contact:
            break
        caps, steps = done.caps, steps + 1
        log_time = float(np.logaddexp(log_time, np.log(done.duration) - pace.scale))
    return Course(_down(log_time, steps, caps, attraction), caps, steps)


def _down(log_time: float, steps: int, caps: Caps, attraction: Attraction) -> float:
    """Round a sum of that many logs down."""
    size = 1 + abs(log_time) + 2 * attraction.beta
    return log_time - 1e-15 * (10 + steps) * size if np.isfinite(log_time) else log_time


def log_time_scale(caps: Caps, attraction: Attraction, contact: float) -> float:
    """About the log of the time until two caps meet, by the rates at the start; -inf where they do at once.

    Args:
        caps: at time 0.
        attraction: what pulls.
        contact: the angle in radians, > 0.
    """
    if len(caps.masses) == 1:
        return np.inf
    pace = _pace(caps, attraction, contact, False)
    return -np.inf if pace is None else float(np.log(pace.left) - pace.scale)


def _try(caps: Caps, attraction: Attraction, pace: Pace, fineness: float) -> Moved | None:
    """Make a step, shorter until its enclosure closes."""
    wanted = fineness * pace.limit
    duration = wanted
    while duration > _SHORTEST * wanted:
        done = step(caps, attraction, pace.scale, duration, pace.follow)
        if done is not None:
            return done
        duration /= 2
    return None


def _pace(caps: Caps, attraction: Attraction, contact: float, moving: bool) -> Pace | None:
    apart = separations(caps)
    if np.min(apart) - contact < 1e-2 * contact or np.any(caps.radii > 1.5):
        return None
    beta, masses = attraction.beta, attraction.masses
    others = attraction.others
    safe = np.where(others, apart, np.pi)
    scale = float(np.max(np.where(others, log_kernel(np.maximum(safe, strongest_angle(beta)), beta), -np.inf)))
    inner = 2 * caps.radii
    speeds = pulls_at_most(safe, inner, attraction, scale)
    closing = speeds[:, None] + speeds[None]
    steep = beta * np.sin(np.minimum(safe, np.pi)) + 1 / safe
    pull = np.where(others, np.exp(log_kernel(safe, beta) - scale), 0.0) * masses
    share = pull / np.maximum(np.sum(pull, axis=1, keepdims=True), 1e-300)
    change = np.sum(share * closing * steep, axis=1) * speeds / np.max(speeds)
    room = np.min(np.where(others, (apart - contact) / closing, np.inf))
    limit = min(1 / np.max(change), room * 2)
    left = np.min(np.where(others, np.minimum(1 / steep, safe - contact) / closing, np.inf))
    follow = _worth(caps, attraction, scale, speeds, apart) if moving else np.zeros(len(masses), bool)
    return Pace(scale, speeds, limit, float(left), follow)


def _worth(
    caps: Caps,
    attraction: Attraction,
    scale: float,
    speeds: Float[np.ndarray, " k"],
    apart: Float[np.ndarray, "k k"],
) -> Bool[np.ndarray, " k"]:
    """Whether a cap comes less close to its neighbour if its centre follows the force than if it only widens."""
    angles, velocities = angles_between(caps.centres, caps.centres), forces(caps.centres, attraction, scale)
    reach, here = caps.radii[:, None] + caps.radii[None], Box(caps.centres, 0 * caps.radii, caps.radii)
    constant, slope = spread(angles - reach, angles + reach, here, attraction, scale)
    nearest = caps.centres[np.argmin(apart, axis=1)]
    toward = nearest - np.sum(nearest * caps.centres, axis=1, keepdims=True) * caps.centres
    ahead = np.sum(velocities * toward, axis=1) / np.maximum(np.linalg.norm(toward, axis=1), 1e-300)
    return ahead + constant + slope * caps.radii < speeds
