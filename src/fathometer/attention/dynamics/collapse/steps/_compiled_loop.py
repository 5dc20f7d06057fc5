"""Steps without a pause, compiled, until something happens that the driver must see."""

from enum import IntEnum
from functools import cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from fathometer.attention.dynamics.collapse.steps._force import Sources, force_and_contacts
from fathometer.attention.dynamics.collapse.steps._step import State, Step, take_step
from fathometer.attention.model._system import Model
from fathometer.numerics import WIDE_VECTORS

LONGEST = 0.3
SHORTEST = 1e-15
SLACK = 1e-9
"""Share of the event chord by which clusters of one group must part to be noticed."""

Scalar = Float[Array, ""] | float


class Pause(IntEnum):
    """Why the steps were interrupted."""

    NOT_YET = 0
    CONTACT = 1
    EVENT = 2
    HORIZON = 3
    SADDLE = 4
    FLOOR = 5
    REST = 6
    PARTED = 7


class Limits(NamedTuple):
    """What the compiled loop may do: numbers, or the same as scalars inside it.

    Attributes:
        tolerance: see `take_step`.
        merge_chord: clusters this close are one.
        event_chord: clusters of different groups this close make an event.
        log_horizon: log of the time that is not to be passed.
        log_duration: log of the time since the window was opened that is not to be passed.
        travel: distance from the reference after which to rest.
        steps: number of trials after which to rest.
    """

    tolerance: Scalar
    merge_chord: Scalar
    event_chord: Scalar
    log_horizon: Scalar
    log_duration: Scalar
    travel: Scalar
    steps: Scalar


class Clocks(NamedTuple):
    """Where the steps begin in time, and how long they are: numbers, or the same as scalars inside the loop.

    Attributes:
        log_time: log of the time since the start.
        log_elapsed: log of the time since the window was opened.
        log_speed: of the motion just before; where it has dropped, another motion takes the lead.
        length: of the first step.
        fresh_length: of the first step of another motion.
    """

    log_time: Scalar
    log_elapsed: Scalar
    log_speed: Scalar
    length: Scalar
    fresh_length: Scalar


class Start(NamedTuple):
    """Input arrays of the compiled loop that change from call to call; the others are `Sources`.

    Attributes:
        points: the moving clusters come first.
        reference: what the travel is measured from.
        clocks: where the steps begin in time.
    """

    points: Float[Array, "c d"]
    reference: Float[Array, "r d"]
    clocks: Clocks


class Outcome(NamedTuple):
    """Where the compiled loop was interrupted, as NumPy arrays and numbers.

    Attributes:
        points: after the last step that was kept.
        direction: dx/ds there, of the leading slots.
        log_speed: log ds/dt there.
        log_time: see `State`.
        log_elapsed: see `State`.
        end_points: after the last step that was tried: at an event, the one that passes it and is not yet kept.
        end_log_time: likewise.
        end_log_elapsed: likewise.
        slopes: of the last step that was tried, see `Step`.
        pace: likewise.
        length: of the next step; at an event, of the one that was tried.
        accepted: number of steps.
        rejected: number of trials that were not accepted.
        pause: why it stopped.
    """

    points: Float[np.ndarray, "c d"]
    direction: Float[np.ndarray, "r d"]
    log_speed: float
    log_time: float
    log_elapsed: float
    end_points: Float[np.ndarray, "c d"]
    end_log_time: float
    end_log_elapsed: float
    slopes: Float[np.ndarray, "7 r d"]
    pace: Float[np.ndarray, "7"]
    length: float
    accepted: int
    rejected: int
    pause: int


class _Loop(NamedTuple):
    """The state of the loop: as in `Outcome`, and whether the last trial was rejected."""

    state: State
    trial: Step
    length: Float[Array, ""]
    rejected_last: Bool[Array, ""]
    accepted: Int[Array, ""]
    rejected: Int[Array, ""]
    pause: Int[Array, ""]


def run_loop(start: Start, sources: Sources, limits: Limits, model: Model) -> Outcome:
    """Step until a pause; see `Pause` and `Outcome`.

    Compiled code is handed one array for all numbers and hands over one for everything: two dozen small ones take
    longer than a few steps.

    Args:
        start: shapes (c, d) and (r, d), r <= c, the moving clusters first; with its clocks.
        sources: what the moving clusters feel, of the same c and r.
        limits: what the steps may do.
        model: SA or USA.
    """
    numbers = np.array([sources.beta, *start.clocks, *limits])
    flat = np.asarray(_flat_loop(start[:2], sources[:-1], numbers, model))
    return Outcome(*flat.view(_layout(*start.points.shape, len(sources.moves)))[0])


@cache
def _layout(slots: int, dim: int, rows: int) -> np.dtype:
    """Where the parts of an `Outcome` are in the array."""
    shapes = {"points": (slots, dim), "direction": (rows, dim), "end_points": (slots, dim)}
    shapes |= {"slopes": (7, rows, dim), "pace": (7,)}
    return np.dtype([(name, float, shapes.get(name, ())) for name in Outcome._fields])


@partial(jax.jit, static_argnames="model", compiler_options=WIDE_VECTORS)
def _flat_loop(places: tuple, felt: tuple, numbers: Float[Array, " k"], model: Model) -> Float[Array, " all"]:
    beta, *others = numbers
    count = len(Clocks._fields)
    points, reference = places
    start = Start(points, reference, Clocks(*others[:count]))
    loop = _loop(start, Sources._make([*felt, beta]), Limits(*others[count:]), model)
    state, end = loop.state, loop.trial.end
    parts = (
        *(state.points, state.force.direction, state.force.log_speed, state.log_time, state.log_elapsed),
        *(end.points, end.log_time, end.log_elapsed, loop.trial.slopes, loop.trial.pace),
        *(loop.length, loop.accepted, loop.rejected, loop.pause),
    )
    return jnp.concatenate([jnp.ravel(part).astype(float) for part in parts])


def _loop(start: Start, sources: Sources, limits: Limits, model: Model) -> _Loop:
    clocks = start.clocks
    motion, contacts = force_and_contacts(start.points, sources, model)
    state = State(start.points, motion, contacts, jnp.asarray(clocks.log_time), jnp.asarray(clocks.log_elapsed))
    length = jnp.where(motion.log_speed < clocks.log_speed - 0.1, clocks.fresh_length, clocks.length)
    blank = Step(state, jnp.array(jnp.inf), jnp.zeros((7, *motion.direction.shape)), jnp.zeros(7))
    zero, pause = jnp.array(0), _saddle(state, sources, limits)
    begin = _Loop(state, blank, length, jnp.array(False), zero, zero, pause)
    return jax.lax.while_loop(
        lambda loop: loop.pause == Pause.NOT_YET,
        lambda loop: _turn(loop, start.reference, sources, limits, model),
        begin,
    )


def _turn(loop: _Loop, reference: Float[Array, "r d"], sources: Sources, limits: Limits, model: Model) -> _Loop:
    trial = take_step(loop.state, loop.length, jnp.asarray(limits.tolerance), sources, model)
    good = trial.error <= 1
    end = trial.end
    late = good & ((end.log_time > limits.log_horizon) | (end.log_elapsed > limits.log_duration))
    event = good & ~late & (end.contacts.nearest_foreign <= limits.event_chord**2 / 2)
    kept = good & ~event & ~late
    state = jax.tree.map(lambda new, old: jnp.where(kept, new, old), end, loop.state)
    length = jnp.where(event | late, loop.length, _next_length(loop, trial, good))
    accepted, rejected = loop.accepted + kept.astype(int), loop.rejected + (~good).astype(int)
    moved = jnp.max(jnp.sum((state.points[: len(reference)] - reference) ** 2, axis=-1))
    rest = ((accepted + rejected).astype(float) >= limits.steps) | (moved > limits.travel**2)
    contact = kept & (state.contacts.nearest <= limits.merge_chord**2 / 2)
    tied = jnp.sum((state.points[sources.ties[:, 0]] - state.points[sources.ties[:, 1]]) ** 2, axis=-1)
    parted = kept & (jnp.max(tied) > (limits.event_chord * (1 + 2 * SLACK)) ** 2)
    pause = jnp.select(
        [event, late, contact, length < SHORTEST, parted],
        [int(Pause.EVENT), int(Pause.HORIZON), int(Pause.CONTACT), int(Pause.FLOOR), int(Pause.PARTED)],
        jnp.where(rest, int(Pause.REST), _saddle(state, sources, limits)),
    )
    return _Loop(state, trial, length, ~good, accepted, rejected, pause)


def _next_length(loop: _Loop, trial: Step, good: Bool[Array, ""]) -> Float[Array, ""]:
    """Length by the error; shorter where the motion slows down, which forestalls most rejections."""
    growth = jnp.clip(0.9 * trial.error ** (-1 / 5), 0.1, jnp.where(loop.rejected_last, 1.0, 6.0))
    slowing = jnp.exp(jnp.minimum(0.0, trial.end.force.log_speed - loop.state.force.log_speed))
    return jnp.minimum(loop.length * growth * jnp.where(good, slowing, 1.0), LONGEST)


def _saddle(state: State, sources: Sources, limits: Limits) -> Int[Array, ""]:
    """SADDLE where errors of ten tolerances in the positions could turn the motion round."""
    unsure = jnp.log(10 * limits.tolerance / jnp.maximum(1.0, sources.beta)) + state.contacts.log_sensitivity
    return jnp.where(state.force.log_speed >= unsure, int(Pause.NOT_YET), int(Pause.SADDLE))
