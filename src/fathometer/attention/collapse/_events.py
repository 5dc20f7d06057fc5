"""Events from meetings: order, plateaus, errors, conditions."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from fathometer.attention.collapse._cloud import Meeting
from fathometer.attention.collapse._record import CollapseEvent
from fathometer.attention.collapse._status import Settings

ILL_CONDITIONED = 1e3
"""Condition above which an event is decided by less than the accuracy of the points."""


def plain_events(
    meetings: Sequence[Meeting], masses: Float[np.ndarray, " n"], settings: Settings
) -> tuple[CollapseEvent, ...]:
    """Return the meetings as events in the order of their times."""
    ordered = sorted(meetings, key=lambda meeting: meeting.log_time)
    blur = 10 * (settings.tolerance + 1e-16 / settings.length)
    events, before = [], -math.inf
    for meeting in ordered:
        now = meeting.log_time
        at_start = now == -math.inf
        plateau = None if at_start or now <= before else now + math.log(-math.expm1(before - now))
        mass = float(masses[list(meeting.first + meeting.second)].sum())
        members = (meeting.first, meeting.second)
        tied = before > -math.inf and now - before < blur
        events.append(CollapseEvent(None if at_start else now, None, members, mass, plateau, tied=tied))
        before = now
    return tuple(events)


def compare(
    events: Iterable[CollapseEvent], coarse: Sequence[Meeting], twin: Sequence[Meeting], size: float
) -> tuple[CollapseEvent, ...]:
    """Add errors, conditions and marks to the events of a run.

    Args:
        events: of the run.
        coarse: meetings of a run with a larger tolerance.
        twin: meetings of a run with perturbed points.
        size: of the perturbation times max(1, beta).
    """
    coarse_times, twin_times = _times(coarse), _times(twin)
    checked, bad = [], False
    for event in events:
        if event.log_time is not None:
            key = frozenset(event.members)
            error = _difference(event.log_time, coarse_times.get(key))
            shift = _difference(event.log_time, twin_times.get(key))
            condition = None if shift is None else shift / size
            bad = bad or error is None or condition is None or condition > ILL_CONDITIONED
            event = replace(event, error=error, condition=condition)
        checked.append(replace(event, ill_conditioned=bad))
    return tuple(checked)


def _times(meetings: Sequence[Meeting]) -> dict[frozenset[tuple[int, ...]], float]:
    return {frozenset((meeting.first, meeting.second)): meeting.log_time for meeting in meetings}


def _difference(log_time: float, other: float | None) -> float | None:
    """Distance of two log times, at least their rounding; None if there is none."""
    if other is None or other == -math.inf:
        return None
    return max(abs(log_time - other), float(np.spacing(abs(log_time))))
