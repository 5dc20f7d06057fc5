"""Neighbour lists, relative to the fastest token: what counts is how an attraction compares with the strongest one."""

import math
from dataclasses import dataclass

import jax
import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics.collapse import nearby_force
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import InputError, Record, finite_number


@dataclass(frozen=True, eq=False)
class NearbyMotion(Record):
    """Velocities in units of their Euclidean norm over all tokens, which may be too small for a float.

    Attributes:
        direction: shape (n, d), of norm 1 over all its entries.
        log_speed: natural logarithm of that norm.
        pairs: fraction of the n^2 pairs that was looked at.
        share: attractions below this share of the strongest one were left out.
    """

    direction: NDArray[np.float64]
    log_speed: float
    pairs: float
    share: float


def nearby_motion(system: ParticleSystem, share: float = 1e-10) -> NearbyMotion:
    """Evaluate the velocities from those pairs only whose attraction matters beside the strongest one.

    Pairs are kept up to the distance R with R^2 = r_min^2 + 2 log(1/share) / beta for equal masses, r_min being the
    least distance: relative to what moves now, because an absolute radius would find no force on a plateau. Errors
    are 10 to 20 times `share`, relative to the fastest token, and differences keep their digits on any plateau. Against
    tiles, lists pay in low dimension for large beta only: in d = 3 and with the search, from beta of 1000 to 10 000 on.
    The steps of `simulate_collapse` use the same lists.

    Args:
        system: tokens, beta (above 0) and model.
        share: between 1e-16 and 1e-2.

    Raises:
        InputError: if a value is not as above, there is one token only, or all tokens coincide.
    """
    share = finite_number("share", share, at_least=1e-16, at_most=1e-2)
    finite_number("beta", system.beta, above=0)
    if len(system.points) < 2 or np.all(system.points == system.points[0]):
        raise InputError("tokens must be at two places at least: a single one does not move")
    numbers, force, kept = nearby_force(system, math.log(1 / share))
    force = jax.device_get(force)
    direction = np.zeros_like(system.points)
    direction[numbers] = force.direction[: len(numbers)]
    return NearbyMotion(direction, float(force.log_speed), kept / len(direction) ** 2, share)
