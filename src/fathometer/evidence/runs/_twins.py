"""Events, and twins: the same run made in another way, whose differences from it are its error bars."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence.runs._problem import Problem
from fathometer.evidence.values._axis import Axis
from fathometer.evidence.values._estimate import Estimate, Kind
from fathometer.evidence.values._record import Record

TWIN_SAFETY = 4.0
"""Half an interval in units of the largest difference from a twin, which has several times the error of the run."""


@dataclass(frozen=True, eq=False)
class Event(Record):
    """Something that happened at a point of the axis.

    Attributes:
        name: what happened.
        at: where on the axis, with its tolerance; value inf and interval (t, inf) if not yet at the end `t`.
        detail: more about it, in one line.
    """

    name: str
    at: Estimate
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Twin(Record):
    """A run that would be the same if arithmetic were exact: with a looser tolerance, or a start moved by rounding.

    Attributes:
        states: as those of the run.
        observed: as those of the run.
        events: as those of the run.
        problem: its own, where the run is part of the problem; that of the run if None.
        axis: its own, where the run finds its axis itself; that of the run if None.
    """

    states: Mapping[str, NDArray]
    observed: Mapping[str, Estimate] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    problem: Problem | None = None
    axis: Axis | None = None


def widened(estimate: Estimate, others: Iterable[Estimate]) -> Estimate:
    """The estimate with an interval around what twins give for it: heuristic, unless it is sampled.

    Where one of them is not finite, the interval contains both; where a twin has another shape, everything.
    """
    others = list(others)
    if not others:
        return estimate
    value = np.asarray(estimate.value)
    lower, upper = np.array(estimate.lower), np.array(estimate.upper)
    for other in others:
        if other.shape != estimate.shape:
            other = Estimate.heuristic(np.full(estimate.shape, np.nan), -np.inf, np.inf)
        with np.errstate(invalid="ignore"):
            gap = TWIN_SAFETY * np.abs(value - other.value)
        gap = np.where(np.isfinite(gap), gap, 0.0)
        lower = np.minimum.reduce([lower, value - gap, np.asarray(other.lower)])
        upper = np.maximum.reduce([upper, value + gap, np.asarray(other.upper)])
    kind = estimate.kind if estimate.kind is Kind.SAMPLED else Kind.HEURISTIC
    return Estimate(value, lower, upper, kind, estimate.confidence, estimate.along)


def spread(value: float, others: Iterable[float]) -> float:
    """Half the interval of a number by what twins give for it."""
    return TWIN_SAFETY * max((abs(value - other) for other in others), default=0.0)


def widened_events(events: Iterable[Event], twins: Iterable[Iterable[Event]]) -> tuple[Event, ...]:
    """Events whose intervals contain the times at which twins saw them; up to inf where a twin did not.

    What only a twin saw is an event at inf, from the time on at which it was seen.
    """
    own = {event.name: event for event in events}
    seen = [{event.name: event for event in twin} for twin in twins]
    for name in {name: None for twin in seen for name in twin}:
        if name not in own:
            earliest = min(float(np.min(twin[name].at.lower)) for twin in seen if name in twin)
            own[name] = replace(
                next(twin[name] for twin in seen if name in twin), at=Estimate.heuristic(np.inf, earliest, np.inf)
            )
    never = Estimate.heuristic(np.inf, np.inf, np.inf)
    return tuple(
        replace(event, at=_over(event.at, [twin[name].at if name in twin else never for twin in seen]))
        for name, event in own.items()
    )


def _over(at: Estimate, others: list[Estimate]) -> Estimate:
    """A time with an interval that contains those of twins; exact if all of them are the same."""
    if all((other.value, other.lower, other.upper) == (at.value, at.lower, at.upper) for other in others):
        return at
    lower = min(float(part.lower) for part in (at, *others))
    return Estimate.heuristic(at.value, lower, max(float(part.upper) for part in (at, *others)))
