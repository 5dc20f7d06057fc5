"""Trajectories: states along an axis, with what happened and where they came from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence.runs._labelled import labelled
from fathometer.evidence.runs._observable import Observable
from fathometer.evidence.runs._problem import Problem
from fathometer.evidence.runs._provenance import Provenance
from fathometer.evidence.runs._twins import Event, Twin, widened, widened_events
from fathometer.evidence.values._axis import Axis
from fathometer.evidence.values._estimate import Estimate
from fathometer.evidence.values._input import InputError
from fathometer.evidence.values._record import Record

if TYPE_CHECKING:
    import xarray


class Origin(StrEnum):
    """How the states came about."""

    SIMULATED = "simulated"
    TRAINED = "trained"
    RECORDED = "recorded"


@dataclass(frozen=True, eq=False)
class Trajectory(Record):
    """States of a problem along an axis; nobody downstream can tell a simulated one from a recorded one.

    Attributes:
        problem: what was studied.
        axis: what the states are indexed by.
        states: arrays by name, each with the length of the axis in front; empty if only observations were kept.
        observed: estimates that were made while it ran, by the name of their observable.
        events: in the order in which they happened.
        origin: simulated, trained or recorded.
        provenance: what it takes to get it again.
        twins: the same run made in other ways, whose differences are the errors of what is observed; none if the
            states are known to rounding, or somebody else's. Their numbers are not of the run: use `observe`.
        condition: how much states change, at most, per change of the start, from a twin; None if that is not known.
        warning: what makes the run doubtful, in one sentence; empty if nothing does.

    Raises:
        InputError: if a state or an observation does not have the length of the axis.
    """

    problem: Problem
    axis: Axis
    states: Mapping[str, NDArray]
    origin: Origin
    observed: Mapping[str, Estimate] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    twins: tuple[Twin, ...] = ()
    condition: float | None = None
    warning: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", Origin(self.origin))
        object.__setattr__(self, "events", tuple(self.events))
        object.__setattr__(self, "twins", tuple(self.twins))
        frozen = {name: _frozen(state) for name, state in self.states.items()}
        for name, array in frozen.items():
            if array.ndim == 0 or len(array) != len(self.axis):
                raise InputError(f"state {name!r} must have {len(self.axis)} entries in front, got shape {array.shape}")
        object.__setattr__(self, "states", frozen)
        for name, estimate in self.observed.items():
            if estimate.shape[:1] != (len(self.axis),):
                raise InputError(f"observation {name!r} must have length {len(self.axis)}, got shape {estimate.shape}")

    def observe(self, observable: Observable) -> Estimate:
        """Return the observable along the axis: as it was seen during the run, else from the stored states.

        The interval contains what the twins give, with room: of a run that has twins, nothing is exact.

        Raises:
            InputError: if it was neither observed nor can be, because a state that it reads was not stored.
        """
        return self.measure(lambda run: run._seen(observable))

    def measure(self, quantity: "Callable[[Trajectory], Estimate]") -> Estimate:
        """Return a quantity of the run, with an interval that contains what its twins give for it, with room."""
        own, *others = map(quantity, self.runs())
        return widened(own, others)

    def runs(self) -> "tuple[Trajectory, ...]":
        """Return the run itself and each of its twins as a run of the same problem, all of them without twins."""
        if not self.twins:
            return (self,)
        others = (
            replace(
                self,
                problem=twin.problem or self.problem,
                axis=twin.axis or self.axis,
                states=twin.states,
                observed=twin.observed,
                events=twin.events,
                twins=(),
            )
            for twin in self.twins
        )
        return replace(self, twins=()), *others

    def _seen(self, observable: Observable) -> Estimate:
        """The observable with the error of its measurement alone.

        Raises:
            InputError: as `observe` does.
        """
        if observable.name in self.observed:
            return self.observed[observable.name]
        try:
            estimate = observable.measure(self.problem, self.states)
        except KeyError as error:
            raise InputError(
                f"{observable.name!r} was not observed and state {error} was not stored; stored: {sorted(self.states)}"
            ) from error
        return Estimate(
            estimate.value, estimate.lower, estimate.upper, estimate.kind, estimate.confidence, along=self.axis
        )

    def until(self, end: float) -> "Trajectory":
        """Return the part up to the last axis point that is not after `end`, without later events.

        Raises:
            InputError: if `end` is before the first point.
        """
        length = int(np.searchsorted(self.axis.points, end, side="right"))
        if length == 0:
            raise InputError(f"end must be at least {self.axis.points[0]:g}, got {end:g}")
        axis = replace(self.axis, points=self.axis.points[:length])
        return replace(
            self,
            axis=axis,
            states={name: state[:length] for name, state in self.states.items()},
            observed={name: _head(estimate, axis) for name, estimate in self.observed.items()},
            events=tuple(event for event in self.events if event.at.upper <= end),
            twins=tuple(_first(twin, length, axis, end) for twin in self.twins),
        )

    def mapped(self, change: Callable[[Mapping[str, NDArray]], Mapping[str, NDArray]]) -> "Trajectory":
        """Return the run with other states, made of its states and likewise of those of its twins; nothing observed.

        Args:
            change: from states by name to states by name, without regard to their number.
        """
        twins = tuple(replace(twin, states=change(twin.states), observed={}) for twin in self.twins)
        return replace(self, states=change(self.states), observed={}, twins=twins)

    def checked(
        self,
        others: "Sequence[Trajectory]",
        *,
        condition: float | None = None,
        warning: str = "",
        apart: bool = False,
    ) -> "Trajectory":
        """Return the run with others as its twins, and its events with intervals that contain theirs.

        Args:
            others: the same run, made in other ways.
            condition: see the attributes.
            warning: see the attributes.
            apart: whether each has a problem and an axis of its own, which were found by running it.
        """
        twins = tuple(
            Twin(
                other.states,
                other.observed,
                other.events,
                other.problem if apart else None,
                other.axis if apart else None,
            )
            for other in others
        )
        events = widened_events(self.events, [other.events for other in others])
        return replace(self, twins=twins, events=events, condition=condition, warning=warning)

    def to_xarray(self, observables: Iterable[Observable] = ()) -> "xarray.Dataset":
        """Return the run as a data set of xarray: states and observations with named dimensions.

        Every estimate is three variables, NAME, NAME_lower and NAME_upper. Problem, events and provenance are JSON in
        the attributes.

        Args:
            observables: measured on the states, besides those that were observed while it ran.

        Raises:
            InputError: if xarray is not installed, or an observable cannot be had.
        """
        return labelled(self, observables)

    def event(self, name: str) -> Estimate:
        """Return when the first event of that name happened: inf with the interval (end, inf) if it did not."""
        end = float(self.axis.points[-1])
        times = (event.at for event in self.events if event.name == name)
        return next(times, Estimate.enclosed(np.inf, end, np.inf))


def _frozen(state: NDArray) -> NDArray:
    """The array, read only; not copied if it is so already."""
    if isinstance(state, np.ndarray) and not state.flags.writeable:
        return state
    array = np.array(state)
    array.setflags(write=False)
    return array


def _first(twin: Twin, length: int, axis: Axis, end: float) -> Twin:
    own = twin.axis and replace(twin.axis, points=twin.axis.points[:length])
    observed = {name: _head(estimate, own or axis) for name, estimate in twin.observed.items()}
    events = tuple(event for event in twin.events if event.at.upper <= end)
    return Twin({name: state[:length] for name, state in twin.states.items()}, observed, events, twin.problem, own)


def _head(estimate: Estimate, axis: Axis) -> Estimate:
    value, lower, upper = (part[: len(axis)] for part in (estimate.value, estimate.lower, estimate.upper))  # type: ignore[index]
    return Estimate(value, lower, upper, estimate.kind, estimate.confidence, estimate.along and axis)
