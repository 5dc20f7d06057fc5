"""Steps of caps that move and widen so fast that no token gets out: a comparison equation with the rates of the end.

Let cap p have the centre w_p, the radius a_p and the mass M_p. The outermost token of a cap is pulled inward by its own
cap: <x_j, w> - <x_i, x_j> <x_i, w> >= <x_i, w> (1 - <x_i, x_j>) >= 0. So if the centre moves with the velocity V_p,

    a_p' <= max over tokens of <e, F(x_i) - V_p>,   F(x_i) = sum over the other caps of (m_j/Z_i) k(x_i, x_j) P x_j,

e the direction away from the centre. In a step the caps are enclosed first: centres on their geodesics, radii up to
a_p + room. On that enclosure the right side is bounded by the derivatives of F times how far tokens can be from the
middle of the step, or, with V = 0, by the sum of the largest pulls. If the bounds times the duration fit into the room,
the enclosure holds, by continuity. Likewise the farthest tokens of one cap are pulled together by their own cap, so
that their angle grows at most by the derivative of F inside the cap.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from fathometer.attention.predictions.lifetime._caps import ROUNDING, Caps
from fathometer.attention.predictions.lifetime._pulls import UP, Angles, Attraction, PerCap, largest_partition
from fathometer.attention.predictions.lifetime._widening import Box, Vectors, Widening, forces, own_pull, widening

_MOST_STRETCH = 1.1
_ROOM = 1.15
_GRID = 200


@dataclass(frozen=True)
class Moved:
    """Caps after a step.

    Attributes:
        caps: the caps that hold the tokens then.
        duration: of the step, in units of exp(-scale).
        speeds: at which the radii grew at the most, in units of exp(scale).
        log_tight: log of the time in which all clusters become tight if the step takes that long; inf if they need not.
    """

    caps: Caps
    duration: float
    speeds: PerCap
    log_tight: float


def step(
    caps: Caps,
    attraction: Attraction,
    scale: float,
    duration: float,
    follow: Bool[np.ndarray, " k"],
    contact: float,
    tight: float,
    guess: PerCap,
) -> Moved | None:
    """Move the caps on; None if the enclosure does not close, or comes into contact: the step must be shorter.

    Args:
        caps: at the beginning.
        attraction: what pulls.
        scale: see `_pulls`.
        duration: in units of exp(-scale).
        follow: whether the centre of a cap moves.
        contact: least angle between tokens of different caps, in radians.
        tight: width of a tight cluster, in radians.
        guess: of the speeds at which the radii grow.
    """
    shifts = _shifts(caps, attraction, scale, duration) * follow[:, None]
    room, loose = _ROOM * duration * guess, np.zeros(len(guess), bool)
    for _ in range(5):
        box = _box(caps, shifts, room, loose)
        angles = box.angles()
        if np.any(box.radii > np.pi / 2) or np.min(angles.least, where=attraction.others, initial=np.pi) < contact:
            return None
        bound = widening(box, angles, shifts / duration, attraction, scale)
        growth = bound.largest(box.radii, duration)
        stretch = _stretch(bound, duration, scale)
        held = loose | (stretch <= _MOST_STRETCH) | (caps.widths == 0)
        if np.all(growth <= room) and np.all(held):
            radii = caps.radii + bound.after(caps.radii, box.radii, duration) + ROUNDING
            widths = np.where(loose, 2 * radii, np.minimum(caps.widths * stretch, 2 * radii))
            after = Caps(moved(caps.centres, shifts), radii, widths, caps.masses)
            return Moved(
                after, duration, growth / duration, _log_time_to(tight, caps.widths, bound, angles, attraction, scale)
            )
        room, loose = _ROOM * growth + 1e-16, loose | ~held
    return None


def _stretch(bound: Widening, duration: float, scale: float) -> PerCap:
    """By which factor widths can grow in the step; below 1 where clusters contract."""
    natural = bound.stretch * np.exp(scale)
    contraction = (bound.shrinking / UP - natural * UP) * np.exp(min(np.log(duration) - scale, 700.0))
    grows = np.minimum(bound.stretch * duration, 1.0)
    return UP * np.exp(np.where(contraction > 0, -np.minimum(contraction, 700.0), grows))


def _log_time_to(
    tight: float, widths: PerCap, bound: Widening, angles: Angles, attraction: Attraction, scale: float
) -> float:
    """Log of the sum over a grid of widths of the time that each takes at the most: dw/(w (rate of w - stretch))."""
    wide = widths > tight
    if not np.any(wide):
        return -np.inf
    grid = np.geomspace(np.where(wide, tight, 1.0), np.where(wide, widths, 1.0), _GRID)
    largest = largest_partition(angles, attraction)
    rates = own_pull(grid[1:], largest, attraction) - (bound.stretch * np.exp(scale) + 1e-300) * UP
    with np.errstate(divide="ignore"):
        times = np.sum(np.where(rates > 0, np.diff(np.log(grid), axis=0) / rates, np.inf), axis=0)
    return float(np.log(UP * np.max(times[wide])))


def moved(centres: Vectors, shifts: Vectors) -> Vectors:
    """Go along geodesics, by tangent vectors at the centres."""
    lengths = np.linalg.norm(shifts, axis=1, keepdims=True)
    ahead = np.cos(lengths) * centres + np.sinc(lengths / np.pi) * shifts
    return ahead / np.linalg.norm(ahead, axis=1, keepdims=True)


def _shifts(caps: Caps, attraction: Attraction, scale: float, duration: float) -> Vectors:
    """Displacements of the centres by the forces half way."""
    half = moved(caps.centres, forces(caps.centres, attraction, scale) * (duration / 2))
    there = forces(half, attraction, scale) * duration
    return there - np.sum(there * caps.centres, axis=1, keepdims=True) * caps.centres


def _box(caps: Caps, shifts: Vectors, room: PerCap, loose: Bool[np.ndarray, " k"]) -> Box:
    """Where the caps are during a step; tokens of loose ones anywhere in them."""
    half = np.linalg.norm(shifts, axis=1) / 2 * UP + ROUNDING
    radii = caps.radii + room + ROUNDING
    inner = np.where(loose, 2 * radii, np.minimum(caps.widths * _MOST_STRETCH, 2 * radii))
    return Box(moved(caps.centres, shifts / 2), half, radii, inner)
