"""Places of the tokens on their way to the last merger, close together in time where they move: for drawings."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse._status import Settings
from fathometer.attention.dynamics.collapse._ways import Progress, Ways
from fathometer.attention.dynamics.collapse.results._record import Collapse
from fathometer.attention.model._system import ParticleSystem

_BEFORE = (1e-13, 0.3, 1e-2, 0.9, 1e-4, 0.6, 0.1, 1e-6, 0.99, 1e-9)
"""Shares of the time of a merger that are left when it is looked at, the first ones first; its speed is 1/share."""

_AFTER = (2e-13, 2.0, 6.0, 0.7)
"""The same after it, the first one a share, the others times, in which the two become one."""

_FRAMES = 600
"""Frames of a run, about."""

_EVEN = 24
"""Frames at equal distances in log time, which show the start."""


class Frames(NamedTuple):
    """Where the tokens are at some moments.

    Attributes:
        log_times: natural logarithms of the times, ascending.
        points: shape (t, n, d), unit rows, every token at the place of its cluster.
    """

    log_times: Float[np.ndarray, " t"]
    points: Float[np.ndarray, "t n d"]


def collapse_frames(system: ParticleSystem, collapse: Collapse, progress: Progress | None = None) -> Frames:
    """Run a collapse again, with positions before, at and after every merger. They have no error bars.

    `collapse_trajectory` has them, on the plateaus alone, where almost all of the time is spent and nothing moves.

    Args:
        system: the tokens at time 0.
        collapse: the result of `simulate_collapse` for them.
        progress: as for `simulate_collapse`.
    """
    settings = Settings.of(system, collapse.tolerance, collapse.event_chord, True, 10_000_000)
    log_times = frame_times(collapse)
    run, _ = Ways(system, settings, progress, log_times=log_times.tolist()).itself()
    points = np.array(run.wanted.states).reshape(-1, *system.points.shape)
    return Frames(log_times[: len(points)], points)


def frame_times(collapse: Collapse) -> Float[np.ndarray, " t"]:
    """Return logs of the times of the frames: the more for each merger, the fewer there are.

    Args:
        collapse: the result of `simulate_collapse`.
    """
    mergers = np.array([event.log_time for event in collapse.events if event.log_time is not None])
    each = max(2, _FRAMES // max(1, 2 * len(mergers)))
    before, after = np.array(_BEFORE[:each]), np.array(_AFTER[: max(1, each // 2)])
    start = min(math.log(1e-2), float(np.min(mergers, initial=0.0)) - 2)
    end = float(np.max(mergers, initial=math.log(10))) + 1
    around = (
        mergers[:, None] + np.log1p(-before),
        mergers[:, None] + np.log1p(after[:1]),
        np.logaddexp(mergers[:, None], np.log(after[1:])),
        np.linspace(start, end, _EVEN),
    )
    return np.unique(np.concatenate([times.ravel() for times in around]).clip(start, end))
