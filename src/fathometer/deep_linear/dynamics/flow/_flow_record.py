"""A run on the rescaled clock: what is asked for, what is kept of it, and how it ended."""

import dataclasses
import math
from enum import StrEnum
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.flow._clock import Course, Limits, Method, Records, Run, State, run_out, states_at
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Event,
    InputError,
    finite_array,
    finite_number,
    whole_number,
)
from fathometer.numerics import LOOSER, nudged

PACKAGES = ("fathometer", "diffrax", "jax", "jaxlib", "numpy", "scipy")
_FEWEST = 32
_NEWTON_STEPS = 8
_ENOUGH = 4  # a run that stops on the way makes more steps than one that does not
_ROUNDING = 1e-26  # relative excess risk that rounding leaves
_CAUTION = 100  # global error of a run in units of the error of a step


class Ending(StrEnum):
    """How a flow ended.

    CONVERGED: its excess risk became small enough. TIME_REACHED: it ran for as long as asked. AT_REST: it stands still,
    or sank to zero weights, away from the minimizers: a saddle. STEP_LIMIT: none of these in 100 000 steps, as on very
    ill-conditioned data; take the implicit method (stiff) or ask for less convergence.
    """

    CONVERGED = "converged"
    TIME_REACHED = "time reached"
    AT_REST = "at rest"
    STEP_LIMIT = "step limit"


class Schedule(NamedTuple):
    """Where a run is observed and where it ends; see `flow`."""

    times: NDArray[np.float64] | None
    until: float
    points: int
    convergence: float
    tolerance: float
    stiff: bool

    @property
    def method(self) -> Method:
        """How the run is made."""
        return Method(jnp.asarray(self.tolerance), self.stiff)


def read_schedule(
    times: ArrayLike | None, until: float, points: int, convergence: float, tolerance: float, stiff: bool
) -> Schedule:
    """Check the arguments that all flows have.

    Args:
        times: where to observe, at least 0, strictly increasing; None for equal distances on the clock.
        until: end of the run if `times` is None, positive; inf for as long as it takes to converge.
        points: number of observations if `times` is None, at least 2.
        convergence: relative excess risk at which the run ends, in [0, 1).
        tolerance: relative error of a step, in [1e-13, 1e-6].
        stiff: whether steps are implicit.

    Raises:
        InputError: if one is out of range.
    """
    asked = None if times is None else time_axis(times).points
    end = until if until == math.inf else finite_number("until", until, above=0)
    return Schedule(
        asked,
        end if asked is None else float(asked[-1]),
        whole_number("points", points, at_least=2),
        finite_number("convergence", convergence, at_least=0, below=1),
        finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-6),
        bool(stiff),
    )


def time_axis(times: ArrayLike) -> Axis:
    """Times as an axis.

    Raises:
        InputError: if they are not strictly increasing or the first one is negative.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    finite_number("times", axis.points[0], at_least=0)
    return axis


def follow(course: Course, schedule: Schedule, scale: float) -> tuple[Run, Float[np.ndarray, " r"], State]:
    """Run to the end, and then once more for times and states, at the given times or at equal distances on the clock.

    Args:
        course: what is followed.
        schedule: where it is observed and where it ends.
        scale: excess risk that the convergence is relative to.

    Raises:
        InputError: if the run ended before the first of the times.
    """
    limits = Limits(jnp.asarray(max(schedule.convergence, _ROUNDING) * scale), jnp.asarray(schedule.until))
    run = run_out(course, limits, schedule.method)
    steps = np.isfinite(np.asarray(run.clocks))
    clocks, passed = np.asarray(run.clocks)[steps], np.asarray(run.times)[steps]
    if schedule.times is None:
        records = stopped(course, np.linspace(0, clocks[-1], schedule.points), schedule.method)
        return run, *_thinned(np.asarray(records.times), records.states)
    held = bool(run.at_rest) or (schedule.convergence == 0 and bool(run.converged))
    kept = schedule.times[held | (schedule.times <= passed[-1])]
    if not kept.size:
        raise InputError(f"times must begin before the run ends at {passed[-1]:.6g}, got {schedule.times[0]:.6g}")
    near = np.interp(kept, passed, clocks)
    return run, kept, _landed(course, near, np.minimum(kept, passed[-1]), schedule)


def follow_again(course: Course, schedule: Schedule, scale: float, times: Float[np.ndarray, " r"]) -> State | None:
    """States at the times of a run by a twin, with a looser tolerance and a start that differs by rounding.

    Args:
        course: as for `follow`.
        schedule: as for `follow`.
        scale: as for `follow`.
        times: of the run, shape (r,).

    Returns:
        None if the twin does not get to the last of the times.
    """
    if times[-1] == 0:
        return None
    how = schedule._replace(times=times, until=float(times[-1]), convergence=0.0, tolerance=LOOSER * schedule.tolerance)
    _, reached, states = follow(moved_course(course), how, scale)
    if len(reached) < len(times):
        return None
    if times[0] > 0:
        return states
    return jax.tree.map(lambda leaf, first: jnp.asarray(leaf).at[0].set(first), states, course.start)  # known there


def moved_course(course: Course) -> Course:
    """The same from a start that differs by rounding."""
    moved = jax.tree.map(lambda leaf: jnp.asarray(np.asarray(leaf) * nudged(np.ones(leaf.shape))), course.start)
    return dataclasses.replace(course, start=moved)


def stopped(course: Course, clocks: Float[np.ndarray, " r"], method: Method) -> Records:
    """Records at clocks that do not decrease; their number is padded, because code is compiled for each.

    Args:
        course: what is followed.
        clocks: from 0 on, shape (r,).
        method: of the run that ended after the last of the clocks.
    """
    count = len(clocks)
    if clocks[-1] == 0:
        states = jax.tree.map(lambda leaf: jnp.stack([leaf] * count), course.start)
        return Records(states, jnp.zeros(count), jnp.full(count, course.motion.rate))
    stops = jnp.asarray(np.pad(clocks, (0, 2 ** math.ceil(math.log2(max(count, _FEWEST))) - count), "edge"))
    records = states_at(course, stops, dataclasses.replace(method, most_steps=_ENOUGH * method.most_steps))
    return jax.tree.map(lambda leaf: leaf[:count], records)


def _landed(course: Course, clocks: Float[np.ndarray, " r"], times: Float[np.ndarray, " r"], how: Schedule) -> State:
    """States at times, from clocks near them, by Newton's method on the time as a function of the clock."""
    records = stopped(course, clocks, how.method)
    for _ in range(_NEWTON_STEPS):
        missing = times - np.asarray(records.times)
        if np.all(np.abs(missing) <= how.tolerance * times):
            break
        clocks = np.maximum.accumulate(np.maximum(clocks + np.asarray(records.rates) * missing, 0.0))
        records = stopped(course, clocks, how.method)
    return records.states


def _thinned(times: Float[np.ndarray, " r"], states: State) -> tuple[Float[np.ndarray, " s"], State]:
    """Only the last state at each time: after a plateau of length 1e40 the clock runs on while the time does not."""
    kept = np.append(np.diff(times) > 0, True)
    return times[kept], jax.tree.map(lambda leaf: leaf[kept], states)


def ending(run: Run) -> Ending:
    """How a run ended."""
    reasons = (
        (run.converged, Ending.CONVERGED),
        (run.late, Ending.TIME_REACHED),
        (run.at_rest, Ending.AT_REST),
    )
    return next((name for flag, name in reasons if flag), Ending.STEP_LIMIT)


def ending_events(run: Run) -> tuple[Event, ...]:
    """The event that one run ended with, between its last two steps; and convergence never, if it is at rest."""
    passed = np.asarray(run.times)[np.isfinite(np.asarray(run.clocks))]
    name, end = ending(run), float(run.time)
    events = (Event(name, Estimate.heuristic(end, float(passed[-2:][0]), end)),)
    if name is Ending.AT_REST:
        events += (Event(Ending.CONVERGED, Estimate.exact(math.inf), "the flow is at rest at a saddle"),)
    return events


def excess_estimate(excess: Float[np.ndarray, " r"], explained: float, tolerance: float, axis: Axis) -> Estimate:
    """Excess risk along a run; its root has an error of some tolerances of the largest root on the way.

    Args:
        excess: measured, at least 0, shape (r,).
        explained: risk that w_star explains.
        tolerance: relative error of a step.
        axis: the r times.
    """
    root = np.sqrt(excess)
    slack = _CAUTION * tolerance * math.sqrt(explained + float(np.max(excess)))
    return Estimate.heuristic(excess, np.maximum(0, root - slack) ** 2, (root + slack) ** 2, along=axis)


def relative_estimate(value: Float[np.ndarray, " r"], tolerance: float, axis: Axis) -> Estimate:
    """A quantity along a run with a relative error of some tolerances.

    Args:
        value: measured, shape (r,).
        tolerance: relative error of a step, times what the quantity multiplies it by.
        axis: the r times.
    """
    slack = _CAUTION * tolerance * np.abs(value)
    return Estimate.heuristic(value, value - slack, value + slack, along=axis)
