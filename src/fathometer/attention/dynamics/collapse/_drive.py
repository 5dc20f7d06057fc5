"""From the first step to the last merger."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import brentq

from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters, close_pairs
from fathometer.attention.dynamics.collapse._counters import Tally
from fathometer.attention.dynamics.collapse._status import CollapseStatus, Pace, Settings
from fathometer.attention.dynamics.collapse._wanted import Wanted
from fathometer.attention.dynamics.collapse.pairs._isolation import Isolation
from fathometer.attention.dynamics.collapse.results._chains import begin, excess, met, part, settle
from fathometer.attention.dynamics.collapse.steps._compiled_loop import (
    Clocks,
    Limits,
    Outcome,
    Pause,
    Start,
    run_loop,
)
from fathometer.attention.dynamics.collapse.steps._crossing import Pair, crossings, nearby_crossing, places_within
from fathometer.attention.dynamics.collapse.steps._window import Window, padded
from fathometer.attention.model._system import ParticleSystem

_CHEAP = 512
"""Number of slots up to which events are located by steps that end there, and windows are opened at every merger."""


_DEPTH = 6.0
"""How long windows are good for, at first: see `Window`."""

_WATCHED = 2048
"""Number of clusters up to which isolated pairs are looked for; among more there are hardly any."""

_PATIENCE = 64
"""Number of steps after which they are looked for again, at the most."""

_BUDGET = 1 << 28
"""Pairs in the steps that are taken without a pause, about: a few seconds."""

_CHECKPOINT = 128
"""Number of steps and jumps between two states from which a run can go on exactly."""


_STEPPED = 0.1
"""Error of log times, over the tolerance, that runs with other tolerances may share once there are steps."""


class _Before(NamedTuple):
    """Where a step began, and how long it was.

    Attributes:
        points: of the slots of the window.
        log_time: log of the time since the start.
        length: arclength of the step.
    """

    points: Float[np.ndarray, "c d"]
    log_time: float
    length: float


class Run:
    """One run of one system with one tolerance.

    Attributes:
        system: the tokens at time 0.
        settings: how the run is made.
        cloud: the clusters, and what has happened.
        tally: what it has cost and seen.
        log_time: log of the time until which everything is known.
        wanted: states that are taken on the way.
    """

    def __init__(self, system: ParticleSystem, settings: Settings) -> None:
        self.system, self.settings = system, settings
        self._adopt(Cloud(Clusters.of(system)), -np.inf, Tally())
        begin(self.cloud, settings.event_chord)
        self.tally.note_level(self.cloud, -np.inf)
        self._merge_close(self.cloud.alive, -np.inf)

    @classmethod
    def going_on(cls, system: ParticleSystem, settings: Settings, cloud: Cloud, tally: Tally, pace: Pace) -> "Run":
        """Return a run that continues from clusters at a later time.

        Args:
            system: the tokens at time 0.
            settings: how the run is made.
            cloud: the clusters now, and what has happened.
            tally: what the run has cost and seen so far.
            pace: how it goes on.
        """
        run = cls.__new__(cls)
        run.system, run.settings = system, settings
        run._adopt(cloud, pace.log_time, tally)
        run._length, run._log_speed, run._depth, run._next_look = (
            pace.length,
            pace.log_speed,
            pace.depth,
            pace.next_look,
        )
        run._isolation.take(pace.pairs)
        return run

    @property
    def clusters(self) -> int:
        """How many are left."""
        return len(self.cloud.alive)

    def pace(self) -> Pace:
        """Return what decides, beside the clusters, how the run goes on from a checkpoint."""
        pairs = self._isolation.starts()
        return Pace(self.log_time, self._length, self._log_speed, self._depth, self._next_look, pairs)

    def _adopt(self, cloud: Cloud, log_time: float, tally: Tally) -> None:
        self.cloud, self.log_time, self.tally = cloud, log_time, tally
        self._fresh_length = 0.05 * self.settings.length
        self._length, self._log_speed, self._window = self._fresh_length, -np.inf, None
        self._depth = _DEPTH
        self._next_look = 0
        self._checkpoint, self._enough = self._done, self.tally.pairs
        self.wanted = Wanted(())
        self._isolation = Isolation(cloud, self.system.beta, self.system.model, self.settings)

    def finish(self, report: Callable[["Run"], None], wanted: Wanted) -> CollapseStatus:
        """Step and merge until one cluster is left, or nothing more can be said.

        Args:
            report: called at checkpoints and at the end.
            wanted: states to be taken on the way.
        """
        self.wanted = wanted
        while len(self.cloud.alive) > 1:
            if self._window is None and self._due:
                self._checkpoint, self._enough = self._done + _CHECKPOINT, self.tally.pairs + 6 * _BUDGET
                self._isolation.forget()
                report(self)
            if self.settings.jumps and self._may_be_isolated():
                self._isolate()
            if len(self._isolation) and len(self.cloud.alive) - 2 * len(self._isolation) < 2:
                self._jump()
            elif (status := self._step()) is not None:
                return status
        self._take_states(np.inf)
        report(self)
        return CollapseStatus.COLLAPSED

    @property
    def _due(self) -> bool:
        """Whether the next moment without a window is to be a checkpoint."""
        return self._done >= self._checkpoint or self.tally.pairs >= self._enough

    @property
    def _done(self) -> int:
        return self.tally.accepted + self.tally.rejected + self.tally.jumps

    def _may_be_isolated(self) -> bool:
        """Whether to look for isolated pairs: always where there are some, rarely in a crowd."""
        count = len(self.cloud.alive)
        return len(self._isolation) > 0 or (count <= _WATCHED and self.tally.accepted >= self._next_look)

    def _isolate(self) -> None:
        self._next_look = self.tally.accepted + len(self.cloud.alive) // 32
        freed, taken = self._isolation.update(self.log_time)
        if freed or taken:
            self._window = None

    def _jump(self) -> None:
        self._take_states(self._isolation.log_horizon)
        clock = self._isolation.pop()
        first, second = clock.pair
        if clock.log_event is not None:
            self.cloud.meet(first, second, clock.log_event, clock.doubt)
        self.cloud.merge(first, second, clock.log_merger, clock.meeting_point(), clock.doubt)
        if len(self.cloud.alive) == 1 or len(self._isolation.members) == len(self.cloud.alive) - 1:
            self.log_time = max(self.log_time, clock.log_merger)
        self.tally.jumps += 1
        self._window = None
        self.tally.note_level(self.cloud, clock.log_merger)

    def _step(self) -> CollapseStatus | None:
        window = self._open()
        before = _Before(window.points, self.log_time, self._length)
        outcome = self._run(window)
        pause = Pause(int(outcome.pause))
        self.tally.count(outcome, window.pairs)
        self._length, self._log_speed = float(outcome.length), float(outcome.log_speed)
        points, log_time, log_elapsed = outcome.points, outcome.log_time, outcome.log_elapsed
        if pause is Pause.EVENT:
            self._meet(window, outcome)
            points, log_time, log_elapsed = outcome.end_points, outcome.end_log_time, outcome.end_log_elapsed
        window.place(points)
        moved = window.numbers[window.movers]
        self.cloud.doubts[moved] = np.maximum(self.cloud.doubts[moved], _STEPPED * self.settings.tolerance)
        self.log_time, window.log_elapsed = float(log_time), float(log_elapsed)
        if pause is Pause.PARTED:
            part(self.cloud, self.settings.event_chord)
        settle(self.cloud, self.settings.event_chord, partial(self._narrowed, window, before))
        if pause is Pause.CONTACT:
            self._merge_close(window.numbers[window.movers], self.log_time)
            if len(window.movers) < _CHEAP or self._due:
                self._window = None  # those that are left may be no longer the ones that matter
        return self._judge(pause, window, outcome)

    def _judge(self, pause: Pause, window: Window, outcome: Outcome) -> CollapseStatus | None:
        """What a pause means for the run; None to go on."""
        if pause is Pause.HORIZON and self._take_states_within(window, outcome):
            pass  # the same step again, up to what comes next
        elif pause is Pause.HORIZON and outcome.end_log_time <= self._isolation.log_horizon:
            self._window = None
            self._depth += 0.0 if outcome.accepted else 6.0
        elif pause in (Pause.HORIZON, Pause.SADDLE) and len(self._isolation):
            self._jump()
        elif pause is Pause.SADDLE:
            return CollapseStatus.SADDLE
        elif pause is Pause.FLOOR:
            return CollapseStatus.TOLERANCE_FLOOR
        elif self.tally.accepted + self.tally.rejected >= self.settings.max_steps:
            return CollapseStatus.STEP_LIMIT
        elif pause is Pause.REST:
            self._window = None
        return None

    def _take_states_within(self, window: Window, outcome: Outcome) -> bool:
        """Take the states that are wanted inside the step that was tried, and return whether there were any."""
        end = min(float(outcome.end_log_time), self._isolation.log_horizon)
        some = self.wanted.next_log_time <= end
        while (log_time := self.wanted.next_log_time) <= end:
            places = self._places(log_time)
            moving = window.movers
            places[window.numbers[moving]] = places_within(outcome, log_time)[moving]
            self.wanted.take(places, self.cloud)
        return some

    def _take_states(self, log_end: float) -> None:
        """Take the states that are wanted before a time until which nothing moves but isolated pairs."""
        while (log_time := self.wanted.next_log_time) < log_end:
            self.wanted.take(self._places(log_time), self.cloud)

    def _places(self, log_time: float) -> Float[np.ndarray, "numbers d"]:
        """Where the clusters are: isolated pairs at the time, all others where they are known to be."""
        places = self.cloud.points.copy()
        for pair, positions in self._isolation.under_way(log_time):
            places[list(pair)] = positions
        return places

    def _open(self) -> Window:
        if self._window is None or padded(len(self._window)) < len(self._window.numbers):
            held, beta, model = self._isolation.members, self.system.beta, self.system.model
            scale = 0.3 * self.settings.tolerance * self.settings.length
            self._window = Window(self.cloud, held, beta, model, scale, self._depth)
        return self._window

    def _run(self, window: Window) -> Outcome:
        settings = self.settings
        limits = Limits(
            settings.tolerance,
            settings.merge_chord,
            settings.event_chord,
            min(self._isolation.log_horizon, self.wanted.next_log_time),
            window.log_duration,
            window.travel,
            1 if self.cloud.unsettled else max(4, min(_PATIENCE, _BUDGET // window.pairs)),
        )
        # among chains every step counts, and has the length that is known
        log_speed = -np.inf if self.cloud.unsettled else self._log_speed
        clocks = Clocks(self.log_time, window.log_elapsed, log_speed, self._length, self._fresh_length)
        return self._loop(window, window.points, clocks, limits)

    def _loop(self, window: Window, points: Float[np.ndarray, "c d"], clocks: Clocks, limits: Limits) -> Outcome:
        # compiled code takes NumPy arrays and numbers faster than JAX arrays that are made here
        start = Start(points, window.reference, clocks)  # type: ignore[arg-type]
        return run_loop(start, window.sources(), limits, self.system.model)

    def _meet(self, window: Window, outcome: Outcome) -> None:
        """Record the groups that come together during the step that was tried."""
        chord = self.settings.event_chord
        for share, log_time, slots in crossings(outcome, window.numbers, self.cloud, chord):
            first, second = (int(number) for number in window.numbers[slots])
            if self.cloud.same_group(first, second):
                continue
            if len(window.numbers) <= _CHEAP:
                log_time = self._refined(window, outcome, share, slots) or log_time
            self.cloud.meet(first, second, log_time, _STEPPED * self.settings.tolerance, met(self.cloud, chord))

    def _refined(self, window: Window, outcome: Outcome, share: float, slots: Pair) -> float | None:
        """Log of the time of a crossing, by a step that ends near it."""
        there = self._try(window, _Before(outcome.points, outcome.log_time, outcome.length), share)
        return nearby_crossing(there, slots, self.settings.event_chord) if there.accepted else None

    def _try(self, window: Window, before: _Before, share: float) -> Outcome:
        """Take a share of a step and nothing else."""
        clocks = Clocks(before.log_time, -np.inf, -np.inf, share * before.length, 0.0)
        limits = Limits(self.settings.tolerance, 0.0, 0.0, np.inf, np.inf, np.inf, 1)
        return self._loop(window, before.points, clocks, limits)

    def _narrowed(self, window: Window, before: _Before, numbers: Int[np.ndarray, " g"]) -> float:
        """Log of the time in the step just taken at which the clusters were no longer a chain."""
        places, cloud = self.cloud.points.copy(), self.cloud
        moving = window.movers

        def of(share: float) -> float:
            points = self._try(window, before, share).points if share else before.points
            places[window.numbers[moving]] = points[moving]
            return excess(places[numbers], cloud.log_masses[numbers], self.settings.event_chord)

        if of(0.0) <= 0:
            return before.log_time
        if of(1.0) > 0:
            return self.log_time
        share = float(brentq(of, 0.0, 1.0, xtol=1e-13))  # type: ignore[arg-type]
        return float(self._try(window, before, share).log_time)

    def _merge_close(self, clusters, log_time: float) -> None:
        """Merge every two of the clusters that are within the merge chord."""
        heir: dict[int, int] = {}
        for pair in clusters[close_pairs(self.cloud.points[clusters], self.settings.merge_chord)]:
            first, second = (_last_heir(heir, int(number)) for number in pair)
            if first == second:
                continue
            heir[first] = heir[second] = merged = self.cloud.merge(first, second, log_time)
            if self._window is not None:
                self._window.replace(first, second, merged)
            self._depth = _DEPTH
            self.tally.note_level(self.cloud, log_time)


def _last_heir(heir: dict[int, int], number: int) -> int:
    while number in heir:
        number = heir[number]
    return number
