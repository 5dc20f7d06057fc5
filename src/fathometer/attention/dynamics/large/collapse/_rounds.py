"""Rounds of the second stage, compiled: of every lane of slots the cluster that is due first takes its step."""

import itertools
from functools import cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from fathometer.attention.dynamics.large.collapse._adams import DAMPING, ORDER
from fathometer.numerics import WIDE_VECTORS, exp_nonpositive

LANES = 8
"""Clusters that step together at the most; the number of slots is a multiple of it."""

_SHARE = 0.05
"""Relative change of its velocity by a neighbour from which on a cluster is looked at again."""

_SURPRISE = 50.0
"""Error of a prediction, over the tolerance, after which most of what was known before is forgotten."""

HASTY = 5e-10
"""Step, over the time that has passed, from which downwards a cluster is looked after on its own."""

_FAST = 0.01
"""Way of a first step, times beta, above which a cluster is too fast for what counts as short."""

_ROUNDING = 3e-16
"""Error of times, over the time that has passed: the way that a cluster goes in it is no error of its prediction."""

_NEXT = 1 + 4 * np.finfo(float).eps
"""A step ends at a later time, whatever its length: two velocities at one time have no polynomial."""

_POWERS = np.arange(ORDER, dtype=float)
OVER = 1.0 / (1.0 + _POWERS)
_BACK = -((-1.0) ** (_POWERS + 1)) * OVER
"""Integrals of the powers over the step that has just been taken, in units in which it goes from -1 to 0."""

Scalar = Float[Array, ""] | float


class Row(NamedTuple):
    """What is known of a cluster, each with the same leading dimensions.

    Attributes:
        place: at its own time, shape (d,).
        now: its own time.
        scale: unit of time of its polynomial.
        speed: norm of its velocity.
        partition: Z.
        course: coefficients of the polynomial of its velocity, lowest power first, shape (6, d).
        known: how many velocities at times before it goes through.
        times: those times, the latest first, shape (6,).
        past: the velocities, shape (6, d).
    """

    place: Float[Array, "*b d"]
    now: Float[Array, "*b"]
    scale: Float[Array, "*b"]
    speed: Float[Array, "*b"]
    partition: Float[Array, "*b"]
    course: Float[Array, "*b 6 d"]
    known: Float[Array, "*b"]
    times: Float[Array, "*b 6"]
    past: Float[Array, "*b 6 d"]


class Slots(NamedTuple):
    """All clusters: the last slot is nobody's.

    Attributes:
        rows: see `Row` and `layout`, shape (k + 1, f).
        due: times of their next steps, shape (k + 1,); inf where nobody is.
    """

    rows: Float[Array, "kk f"]
    due: Float[Array, " kk"]


class Surroundings(NamedTuple):
    """What stays as it is during rounds.

    Attributes:
        masses: shape (k + 1,); 0 where nobody is.
        groups: clusters of one label have come together, shape (k + 1,).
        table: neighbours of every cluster, shape (k + 1, w).
        listed: where clusters were when their lists were made, shape (k + 1, d).
    """

    masses: Float[Array, " kk"]
    groups: Int[Array, " kk"]
    table: Int[Array, "kk w"]
    listed: Float[Array, "kk d"]


class Limits(NamedTuple):
    """Numbers.

    Attributes:
        beta: inverse temperature.
        tolerance: error of a prediction, as a length.
        event_chord: clusters of different groups this close make a pause.
        merge_chord: any two clusters this close make one.
        travel: way from where it was listed after which a cluster makes one.
        until: time up to which to go.
        rounds: number of them up to which to go.
    """

    beta: Scalar
    tolerance: Scalar
    event_chord: Scalar
    merge_chord: Scalar
    travel: Scalar
    until: Scalar
    rounds: Scalar


class Stepped(NamedTuple):
    """Where rounds have come to.

    Attributes:
        slots: the clusters.
        time: of the next step of any.
        latest: of the last round.
        last: slots of the last round, shape (lanes,); that of nobody where a lane had none.
        before: their own times before it, shape (lanes,).
        steps: of single clusters.
        rounds: of all.
        pause: whether clusters have come close to each other or far from where they were listed, or are hasty.
    """

    slots: Slots
    time: Float[Array, ""]
    latest: Float[Array, ""]
    last: Int[Array, " lanes"]
    before: Float[Array, " lanes"]
    steps: Int[Array, ""]
    rounds: Int[Array, ""]
    pause: Bool[Array, ""]


@cache
def layout(dim: int) -> np.dtype:
    """Where the fields of a `Row` are in a row of numbers."""
    shapes = {"place": (dim,), "times": (ORDER,), "course": (ORDER, dim), "past": (ORDER, dim)}
    return np.dtype([(name, float, shapes.get(name, ())) for name in Row._fields])


def _seen(dim: int) -> int:
    """Numbers of a row that a neighbour looks at: those before the velocities at earlier times."""
    return layout(dim).fields["known"][1] // 8  # type: ignore[index]


@partial(jax.jit, static_argnames="usa", compiler_options=WIDE_VECTORS)
def run_rounds(slots: Slots, around: Surroundings, limits: Limits, usa: bool) -> Stepped:
    """Take rounds until a pause, a time or a number of them.

    Args:
        slots: the clusters.
        around: masses, groups and lists.
        limits: see there.
        usa: whether velocities are not divided by Z.
    """
    zero, nobody = jnp.array(0), len(slots.due) - 1
    none = jnp.full(LANES, nobody)
    time = jnp.min(slots.due)
    begin = Stepped(slots, time, time, none, jnp.zeros(LANES), zero, zero, jnp.array(False))

    def goes_on(now: Stepped) -> Bool[Array, ""]:
        return ~now.pause & (now.time < limits.until) & (now.rounds < limits.rounds)

    return jax.lax.while_loop(goes_on, lambda now: _round(now, around, limits, usa), begin)


def _where(row: Row, time: Scalar) -> Float[Array, "*b d"]:
    """Places of clusters at a time, by their polynomials."""
    share = (time - row.now) / row.scale
    way = jnp.zeros_like(row.place)
    for power in range(ORDER - 1, -1, -1):
        way = share[..., None] * (way + OVER[power] * row.course[..., power, :])
    return _unit(row.place + row.scale[..., None] * way)


def _round(state: Stepped, around: Surroundings, limits: Limits, usa: bool) -> Stepped:
    (rows, due), time = state.slots, state.time
    dim = around.listed.shape[1]
    numbers = _chosen(rows[:, dim], due, time)
    own_rows, near = rows[numbers], around.table[numbers]
    here, others = _unpacked(own_rows, dim), _unpacked(rows[near, : _seen(dim)], dim)
    own, masses = around.masses[numbers], around.masses[near]
    pull = _pulled(_where(here, time), _where(others, time), own, masses, limits.beta, usa)
    after, step = _stepped(here, pull, time, limits)
    exists = own > 0
    due = _called(due, near, _surprising(pull, own, others, due[near], time, limits, usa) & (masses > 0), time)
    flat = jnp.where(exists[:, None], _packed(after), own_rows)
    following = jnp.where(exists, jnp.maximum(time + step, time * _NEXT), jnp.inf)
    for lane in range(LANES):  # a scatter takes its own turn for each of them, which is slower
        rows = jax.lax.dynamic_update_slice(rows, flat[lane : lane + 1], (numbers[lane], 0))
        due = jax.lax.dynamic_update_slice(due, following[lane : lane + 1], (numbers[lane],))
    apart = around.groups[near] != around.groups[numbers][:, None]
    meets = ((pull.half <= limits.event_chord**2 / 2) & apart) | (pull.half <= limits.merge_chord**2 / 2)
    strays = jnp.sum((after.place - around.listed[numbers]) ** 2, axis=1) > limits.travel**2
    hasty = step < HASTY * time
    pause = jnp.any(meets & (masses > 0) & exists[:, None]) | jnp.any((strays | hasty) & exists)
    steps, rounds = state.steps + jnp.sum(exists), state.rounds + 1
    return Stepped(Slots(rows, due), jnp.min(due), time, numbers, here.now, steps, rounds, pause)


class _Pull(NamedTuple):
    """What neighbours do to clusters.

    Attributes:
        places: of the clusters, as predicted, shape (b, d).
        half: half the squared distances, shape (b, w).
        kernel: exp(-beta half), shape (b, w).
        velocity: shape (b, d).
        speed: its norm, shape (b,).
        partition: Z, shape (b,).
        rate: at which neighbours pull a cluster together with them, shape (b,).
    """

    places: Float[Array, "b d"]
    half: Float[Array, "b w"]
    kernel: Float[Array, "b w"]
    velocity: Float[Array, "b d"]
    speed: Float[Array, " b"]
    partition: Float[Array, " b"]
    rate: Float[Array, " b"]


def _pulled(places, others, own, masses, beta, usa: bool) -> _Pull:
    apart = others - places[:, None]
    half = 0.5 * jnp.sum(apart**2, axis=-1)
    kernel = exp_nonpositive(-beta * half)
    partition = own + jnp.sum(masses * kernel, axis=1)
    weights = masses * kernel if usa else masses * kernel / jnp.maximum(partition, 1e-300)[:, None]
    velocity = jnp.sum(weights[..., None] * apart, axis=1) + jnp.sum(weights * half, axis=1)[:, None] * places
    speed = jnp.linalg.norm(velocity, axis=1)
    return _Pull(places, half, kernel, velocity, speed, partition, jnp.sum(weights, axis=1))


def _surprising(pull: _Pull, own, others: Row, due, time, limits: Limits, usa: bool) -> Bool[Array, "b w"]:
    """Whose velocities may have changed, by the motion of a cluster since they looked at it, so that it matters."""
    chord, since = jnp.sqrt(2 * pull.half), jnp.maximum(time - others.now, 0.0)
    way = limits.beta * pull.speed[:, None] * since * jnp.minimum(chord, 1.0)
    grown = 1 / exp_nonpositive(-jnp.minimum(way, 30.0)) - 1
    change = own[:, None] * pull.kernel * chord * grown
    if not usa:
        change /= others.partition
    matters = change * jnp.minimum(due - others.now, 1e300) > limits.tolerance
    return matters & (change > _SHARE * others.speed) & (others.now < time)


def _called(due: Float[Array, " kk"], near: Int[Array, "b w"], which: Bool[Array, "b w"], time) -> Float[Array, " kk"]:
    """Next steps, of some clusters now."""

    def now(due: Float[Array, " kk"]) -> Float[Array, " kk"]:
        return due.at[near].min(jnp.where(which, time, jnp.inf))

    return jax.lax.cond(jnp.any(which), now, lambda due: due, due)


def _chosen(now: Float[Array, " kk"], due: Float[Array, " kk"], time: Float[Array, ""]) -> Int[Array, " lanes"]:
    """Of every lane the cluster that has waited longest, of those that are due or have done half of their steps."""
    ahead = ((due - time) - (time - now))[:-1].reshape(-1, LANES)
    first = jnp.argmin(ahead, axis=0)
    slot = first * LANES + jnp.arange(LANES)
    return jnp.where(jnp.min(ahead, axis=0) <= 0, slot, len(due) - 1)


def _stepped(here: Row, pull: _Pull, time, limits: Limits) -> tuple[Row, Float[Array, " b"]]:
    """Rows after a step that ends now, and the lengths of the next ones."""
    step, fresh = time - here.now, here.known == 0
    scale = jnp.where(step > 0, step, here.scale)
    known = jnp.minimum(here.known + 1, ORDER)
    unknown = known[:, None] <= _POWERS[None]
    past = jnp.concatenate([pull.velocity[:, None], here.past[:, :-1]], axis=1)
    times = jnp.concatenate([jnp.full((LANES, 1), time), here.times[:, :-1]], axis=1)
    nodes = jnp.where(unknown, -1e3 - _POWERS[None], (times - time) / scale[:, None])
    past = jnp.where(unknown[..., None], 0.0, past)
    course = _interpolated(nodes, past, unknown)
    corrected = _unit(here.place + jnp.sum(_BACK[None, :, None] * course, axis=1) * step[:, None])
    gap = jnp.where(fresh[:, None], 0.0, corrected - pull.places)
    mend = -DAMPING * pull.rate[:, None] * gap
    course += _first_basis(nodes, unknown)[..., None] * mend[:, None]
    past = past.at[:, 0].add(mend)
    error = jnp.linalg.norm(gap, axis=1) / (limits.tolerance + _ROUNDING * time * pull.speed)
    factor = jnp.clip(0.8 * jnp.maximum(error, 1e-12) ** (-1 / (known + 1)), 0.25, 2.0)
    first = jnp.minimum(0.1 * jnp.sqrt(limits.tolerance / jnp.maximum(pull.speed, 1e-300)) + 1e-4, 0.05)
    short = 2 * HASTY * time
    first = jnp.where(limits.beta * pull.speed * short < _FAST, jnp.maximum(first, short), first)
    known = jnp.where(error > _SURPRISE, jnp.minimum(known, 2), known)
    now = jnp.full(LANES, time)
    after = Row(corrected, now, scale, pull.speed, pull.partition, course, known, times, past)
    return after, jnp.where(fresh, first, scale * factor)


def _interpolated(nodes: Float[Array, "b 6"], values: Float[Array, "b 6 d"], unknown) -> Float[Array, "b 6 d"]:
    """Coefficients of the polynomials through values at the known nodes, by Newton's differences."""
    differences, column = [values[:, 0]], values
    for order in range(1, ORDER):
        column = (column[:, :-1] - column[:, 1:]) / (nodes[:, :-order] - nodes[:, order:])[..., None]
        differences.append(jnp.where(unknown[:, order, None], 0.0, column[:, 0]))
    return jnp.stack(_expanded(nodes, differences), axis=1)


def _expanded(nodes: Float[Array, "b 6"], differences: list) -> list:
    """Coefficients of powers from Newton's form, lowest first."""
    coefficients = [differences[-1]]
    for order in range(ORDER - 2, -1, -1):
        node, lower = nodes[:, order, None], coefficients
        middle = [low - node * high for low, high in itertools.pairwise(lower)]
        coefficients = [differences[order] - node * lower[0], *middle, lower[-1]]
    return coefficients


def _first_basis(nodes: Float[Array, "b 6"], unknown: Bool[Array, "b 6"]) -> Float[Array, "b 6"]:
    """Coefficients of the polynomial that is 1 at the first node, which is 0, and 0 at the other known ones."""
    coefficients = [jnp.ones(len(nodes)), *[jnp.zeros(len(nodes))] * (ORDER - 1)]
    for order in range(1, ORDER):
        slope = jnp.where(unknown[:, order], 0.0, -1 / nodes[:, order])
        below = [jnp.zeros(len(nodes)), *coefficients[:-1]]
        coefficients = [one + slope * lower for one, lower in zip(coefficients, below, strict=True)]
    return jnp.stack(coefficients, axis=1)


def _unit(places: Float[Array, "*b d"]) -> Float[Array, "*b d"]:
    return places / jnp.sqrt(jnp.sum(places**2, axis=-1, keepdims=True))


def _unpacked(flat: Float[Array, "*b f"], dim: int) -> Row:
    """The fields of rows; the later ones are missing where rows are cut off."""
    fields = []
    for name in Row._fields:
        kind, offset, *_ = layout(dim).fields[name]  # type: ignore[index]
        part = flat[..., offset // 8 : (offset + kind.itemsize) // 8]
        fields.append(part.reshape(*flat.shape[:-1], *kind.shape) if part.shape[-1] else None)
    return Row(*fields)


def _packed(row: Row) -> Float[Array, "b f"]:
    return jnp.concatenate([field.reshape(len(field), -1) for field in row], axis=1)
