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

FINENESS = 5e-3
"""Relative change of the pulls in a step at the start."""
_COARSEST = 0.25
_NEGLIGIBLE = 1e-5
"""Share of the time so far below which what is left until contact is not waited for."""
_TOUCHING = 1e-2
"""Share of the contact angle that may be left at the end."""
_WIDEST = 1.5
"""Radians; the proof needs less than a right angle."""
_MOST_STEPS = 20_000
_SHORTEST = 1e-16
"""Share of the wanted duration of a step below which the caps are given up; antipodal caps need it that small."""


@dataclass(frozen=True)
class Course:
    """How far caps were followed.

    Attributes:
        log_time: log of the time during which tokens of different caps are farther from each other than asked for.
        caps: at the end of it.
        steps: number of steps.
        log_tight: log of a time by which all clusters are tight; inf if none is certain.
        widest: widths of the clusters from then on until the end, at the most.
    """

    log_time: float
    caps: Caps
    steps: int
    log_tight: float
    widest: float


class Pace(NamedTuple):
    """What a step is chosen by.

    Attributes:
        scale: log of the unit of speeds.
        limit: largest duration by the change of the forces.
        left: about how long it takes until two caps meet.
        follow: whether each cap had better follow its force.
    """

    scale: float
    limit: float
    left: float
    follow: Bool[np.ndarray, " k"]


# pulls inside a cap, which nobody asks for, are beyond all floats where those between caps are below them
_quiet = np.errstate(over="ignore", divide="ignore", invalid="ignore")


@_quiet
def follow_caps(caps: Caps, attraction: Attraction, contact: float, tight: float, fineness: float = FINENESS) -> Course:
    """Step caps on until two of them can be within an angle of each other, or hardly any time is left until then.

    Args:
        caps: at time 0.
        attraction: what pulls.
        contact: the angle in radians, > 0.
        tight: width of a tight cluster in radians, > 0.
        fineness: relative change of the pulls in a step at the start, in (0, 0.25].
    """
    log_time, log_tight, widest, steps, growing = -np.inf, np.inf, 0.0, 0, (np.zeros(len(caps.radii)), -np.inf)
    while steps < _MOST_STEPS:
        pace = _pace(caps, attraction, contact)
        if pace is None:
            break
        spent = np.exp(min(log_time + pace.scale, 700.0))
        if pace.left < _NEGLIGIBLE * spent:
            break
        share = min(_COARSEST, fineness * np.sqrt(max(1.0, spent / max(pace.left, 1e-300))))
        guess = growing[0] * np.exp(growing[1] - pace.scale)
        done = _try(caps, attraction, pace, share, contact, tight, guess)
        if done is None:
            break
        caps, steps, growing = done.caps, steps + 1, (done.speeds, pace.scale)
        log_duration = float(np.log(done.duration)) - pace.scale
        if log_tight == np.inf and done.log_tight < log_duration:
            log_tight = float(np.logaddexp(log_time, done.log_tight)) + 1e-12 * (1 + abs(pace.scale))
        widest = max(widest, tight, float(np.max(caps.widths))) if log_tight < np.inf else 0.0
        log_time = float(np.logaddexp(log_time, log_duration))
    return Course(_down(log_time, steps, caps, attraction), caps, steps, log_tight, widest)


def _down(log_time: float, steps: int, caps: Caps, attraction: Attraction) -> float:
    """Round a sum of that many logs down."""
    size = 1 + abs(log_time) + 2 * attraction.beta
    return log_time - 1e-15 * (10 + steps) * size if np.isfinite(log_time) else log_time


@_quiet
def log_time_scale(caps: Caps, attraction: Attraction, contact: float) -> float:
    """About the log of the time until two caps meet, by the rates at the start; -inf where they do at once.

    Args:
        caps: at time 0.
        attraction: what pulls.
        contact: the angle in radians, > 0.
    """
    if len(caps.masses) == 1:
        return np.inf
    pace = _pace(caps, attraction, contact)
    return -np.inf if pace is None else float(np.log(pace.left) - pace.scale)


def _try(
    caps: Caps,
    attraction: Attraction,
    pace: Pace,
    share: float,
    contact: float,
    tight: float,
    guess: Float[np.ndarray, " k"],
) -> Moved | None:
    """Make a step, shorter until its enclosure closes."""
    wanted = share * pace.limit
    duration = wanted
    while duration > _SHORTEST * wanted:
        done = step(caps, attraction, pace.scale, duration, pace.follow, contact, tight, guess)
        if done is not None:
            return done
        duration /= 2
    return None


def _pace(caps: Caps, attraction: Attraction, contact: float) -> Pace | None:
    """Choose by the rates at the beginning of a step; None where caps meet or are too wide for the proof."""
    apart = separations(caps)
    if np.min(apart) - contact < _TOUCHING * contact or np.any(caps.radii > _WIDEST):
        return None
    here = Box(caps.centres, 0 * caps.radii, caps.radii, caps.widths)
    angles, safe = here.angles(), np.minimum(apart, np.pi)
    scale = _scale(safe, attraction)
    speeds = pulls_at_most(angles, attraction, scale)
    closing = speeds[:, None] + speeds[None]
    steep = attraction.beta * np.sin(safe) + 1 / safe
    rates = _relative_change(safe, attraction, scale, closing * steep) * speeds / np.max(speeds)
    limit = min(1 / float(np.max(rates)), 2 * float(np.min((apart - contact) / closing)))
    left = float(np.min(np.where(attraction.others, np.minimum(1 / steep, safe - contact) / closing, np.inf)))
    return Pace(scale, limit, left, _worth(here, angles, attraction, scale, speeds))


def _scale(apart: Float[np.ndarray, "k k"], attraction: Attraction) -> float:
    """Log of the largest pull, but for masses."""
    logs = log_kernel(np.maximum(apart, strongest_angle(attraction.beta)), attraction.beta)
    return float(np.max(logs, where=attraction.others, initial=-np.inf))


def _relative_change(
    apart: Float[np.ndarray, "k k"], attraction: Attraction, scale: float, rates: Float[np.ndarray, "k k"]
) -> Float[np.ndarray, " k"]:
    """Mean of the rates at which pulls change, weighted by the pulls."""
    pulls = np.where(attraction.others, np.exp(log_kernel(apart, attraction.beta) - scale), 0.0) * attraction.masses
    return np.sum(pulls * rates, axis=1) / np.maximum(np.sum(pulls, axis=1), 1e-300)


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
