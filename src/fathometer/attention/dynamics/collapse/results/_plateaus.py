"""Where in time a collapse is looked at: twice on every plateau, after a merger and before the next one."""

import math
from itertools import chain

import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.dynamics.collapse._status import CollapseStatus
from fathometer.attention.dynamics.collapse.results._record import Collapse
from fathometer.attention.model._system import ParticleSystem

LOG_START = -53 * math.log(2)
"""Log of a time up to which no token has moved by more than rounding: none is faster than 1."""

_SETTLED = 20.0
"""Time constants of the lightest token after a merger from which on its cluster is a point."""

_AFTER, _BEFORE = 1.0, 4.0
"""Log times after a merger, and before the next one, when clusters that are far apart do not move."""

_EVE = 0.1
"""Log time before the first merger when tokens that fall together as one are close to each other."""

_SHORTEST = 0.01
"""Log time below which there is no room: runs in other ways merge at other times."""

_NUMBERS = 1 << 21
"""Coordinates that are stored of one run, about."""

_FEWEST, _MOST = 8, 64
"""Plateaus that are looked at, at the least and at the most."""


def plateau_times(system: ParticleSystem, collapse: Collapse) -> Float[np.ndarray, " t"]:
    """Return logs of times, ascending, from one at which nothing has moved yet; two for every plateau that has room.

    There is one more on the eve of the first merger, since all tokens may come together at once.

    Above 64 tokens plateaus are thinned out, evenly in the logarithm of the number of clusters; and further, so that
    states at these times have about two million numbers.

    Args:
        system: n tokens in dimension d.
        collapse: its result.
    """
    collapsed = collapse.status is CollapseStatus.COLLAPSED
    log_end = math.inf if collapsed else float(collapse.log_time_of_collapse.lower)
    mergers = (event.log_time for event in collapse.events if event.log_time is not None)
    ends = [LOG_START, *(time for time in mergers if time > LOG_START), log_end]
    settle = math.log(_SETTLED / float(np.min(system.masses)))
    inside = (_inside(ends[k], ends[k + 1], settle) for k in _chosen(system, len(ends) - 1))
    eve = [ends[1] - _EVE] if math.isfinite(ends[1]) and ends[1] - _EVE > LOG_START else []
    return np.unique([LOG_START, *eve, *chain.from_iterable(inside)])


def _inside(start: float, end: float, settle: float) -> tuple[float, ...]:
    """Two times on a plateau, far from its ends if it is long."""
    first = start if start == LOG_START else float(np.logaddexp(start, settle)) + _AFTER
    last = first + 1 if end == math.inf else end - _BEFORE
    if first < last:
        return first, last
    third = (end - start) / 3
    return (start + third, end - third) if end - start > _SHORTEST else ()


def _chosen(system: ParticleSystem, plateaus: int) -> Int[np.ndarray, " k"]:
    """Which plateaus are looked at."""
    n, d = system.points.shape
    room = min(max(_FEWEST, _NUMBERS // (2 * n * d)), _MOST)
    if plateaus <= room:
        return np.arange(plateaus)
    return plateaus - np.unique(np.geomspace(1, plateaus, room).round().astype(int))[::-1]
