"""The course of caps until two of them can meet: steps that are small where the time is spent."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.predictions.lifetime._caps import Caps, separations
from fathometer.attention.predictions.lifetime._pulls import (
    Angles,
    Attraction,
    log_kernel,
    pulls_at_most,
    strongest_angle,
)
from fathometer.attention.predictions.lifetime._steps import Moved, step
from fathometer.attention.predictions.lifetime._widening import Box, forces, spread

_FINEST = 5e-3
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
    log_time, steps, growing = -np.inf, 0, (np.zeros(len(caps.radii)), 0.0)
    while steps < _MOST_STEPS:
        pace = _pace(caps, attraction, contact, moving)
        if pace is None:
            break
        spent = np.exp(min(log_time + pace.scale, 700.0))
        if pace.left < _NEGLIGIBLE * spent:
            break
        fineness = min(_COARSEST, _FINEST * np.sqrt(max(1.0, spent / max(pace.left, 1e-300))))
        guess = growing[0] * np.exp(growing[1] - pace.scale)
        done = _try(caps, attraction, pace, fineness, contact, guess)
        if done is None:
            break
        caps, steps, growing = done.caps, steps + 1, (done.speeds, pace.scale)
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


def _try(
    caps: Caps, attraction: Attraction, pace: Pace, fineness: float, contact: float, guess: Float[np.ndarray, " k"]
) -> Moved | None:
    """Make a step, shorter until its enclosure closes."""
    wanted = fineness * pace.limit
    duration = wanted
    while duration > _SHORTEST * wanted:
        done = step(caps, attraction, pace.scale, duration, pace.follow, contact, guess)
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
    here = Box(caps.centres, 0 * caps.radii, caps.radii, caps.widths)
    angles = here.angles()
    speeds = pulls_at_most(angles, attraction, scale)
    closing = speeds[:, None] + speeds[None]
    steep = beta * np.sin(np.minimum(safe, np.pi)) + 1 / safe
    pull = np.where(others, np.exp(log_kernel(safe, beta) - scale), 0.0) * masses
    share = pull / np.maximum(np.sum(pull, axis=1, keepdims=True), 1e-300)
    change = np.sum(share * closing * steep, axis=1) * speeds / np.max(speeds)
    room = np.min(np.where(others, (apart - contact) / closing, np.inf))
    limit = min(1 / np.max(change), room * 2)
    left = np.min(np.where(others, np.minimum(1 / steep, safe - contact) / closing, np.inf))
    follow = _worth(here, angles, attraction, scale, speeds) if moving else np.zeros(len(masses), bool)
    return Pace(scale, speeds, limit, float(left), follow)


def _worth(
    here: Box, angles: Angles, attraction: Attraction, scale: float, speeds: Float[np.ndarray, " k"]
) -> Bool[np.ndarray, " k"]:
    """Whether a cap comes less close to its neighbour if its centre follows the force than if it only widens."""
    constant, slope, _ = spread(here, angles, attraction, scale, speeds)
    centres = here.middles
    nearest = centres[np.argmin(np.where(attraction.others, angles.least, np.inf), axis=1)]
    toward = nearest - np.sum(nearest * centres, axis=1, keepdims=True) * centres
    ahead = np.sum(forces(centres, attraction, scale) * toward, axis=1)
    ahead /= np.maximum(np.linalg.norm(toward, axis=1), 1e-300)
    return ahead + constant + slope * here.radii < speeds
