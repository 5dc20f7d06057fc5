"""Events from meetings: order, plateaus, errors, conditions."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse._status import Settings
from fathometer.attention.dynamics.collapse.results._meetings import Joined
from fathometer.attention.dynamics.collapse.results._record import CollapseEvent

ILL_CONDITIONED = 1e3
"""Condition above which an event is decided by less than the accuracy of the points."""

_ROUNDING = 8 * np.finfo(float).eps
"""Error of log times and of positions by rounding."""


def plain_events(
    mergers: Iterable[Joined], masses: Float[np.ndarray, " n"], settings: Settings
) -> tuple[CollapseEvent, ...]:
    """Return mergers, in the order of their times, as events.

    Args:
        mergers: in the order of their times.
        masses: of the n tokens, shape (n,), sum 1.
        settings: how the run was made.
    """
    blur = 10 * (settings.tolerance + 1e-16 / settings.length)
    events, before = [], -math.inf
    for merger in mergers:
        now = merger.log_time
        at_start = now == -math.inf
        plateau = None if at_start or now <= before else now + math.log(-math.expm1(before - now))
        mass = float(masses[list(merger.first + merger.second)].sum())
        members = (merger.first, merger.second)
        tied = before > -math.inf and now - before < blur
        events.append(CollapseEvent(None if at_start else now, None, members, mass, plateau, tied=tied))
        before = now
    return tuple(events)


class Check(NamedTuple):
    """What is known beside a run.

    Attributes:
        other: mergers of a run with another tolerance.
        weight: by how much the difference from it is multiplied: it is about 0.9 of the error from a tenth of the
            tolerance and 9 times the error from ten times the tolerance.
        twin: mergers of a run with perturbed points.
        size: of the perturbation, as a length.
        length: see `Settings`.
    """

    other: Sequence[Joined]
    weight: float
    twin: Sequence[Joined]
    size: float
    length: float


def compare(events: Iterable[CollapseEvent], mergers: Iterable[Joined], check: Check) -> tuple[CollapseEvent, ...]:
    """Add errors, conditions and marks to the events of a run.

    An error is the weighted difference of the two runs, and what they have in common: the doubt of the merger, and the
    rounding of the points times the condition. Over random systems it contains the true error in more than 99 of 100
    cases, and is about five times as large in the median.

    Args:
        events: of the run.
        mergers: the same as they were found.
        check: the other runs.
    """
    others, twins = _times(check.other), _times(check.twin)
    checked, bad = [], False
    for event, merger in zip(events, mergers, strict=True):
        if event.log_time is not None:
            key = frozenset(event.members)
            difference = _difference(event.log_time, others.get(key))
            shift = _difference(event.log_time, twins.get(key))
            condition = None if shift is None else float(shift * check.length / check.size)
            bad = bad or difference is None or condition is None or condition > ILL_CONDITIONED
            rounding = _ROUNDING * (abs(event.log_time) + (0.0 if shift is None else shift / check.size))
            error = None if difference is None else float(check.weight * difference + merger.doubt + rounding)
            event = replace(event, error=error, condition=condition)
        checked.append(replace(event, ill_conditioned=bad))
    return tuple(checked)


def _times(mergers: Iterable[Joined]) -> dict[frozenset[tuple[int, ...]], float]:
    return {frozenset((merger.first, merger.second)): merger.log_time for merger in mergers}


def _difference(log_time: float, other: float | None) -> float | None:
    """Distance of two log times; None if there is none."""
    return None if other is None or other == -math.inf else abs(log_time - other)
