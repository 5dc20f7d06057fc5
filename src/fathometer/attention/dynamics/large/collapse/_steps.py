"""Steps of the second stage, compiled: the cluster that is due first takes its step, until something happens."""
# pyright: reportArgumentType=false
# An entry of an array is a number here, which the stubs of NumPy do not say.

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from fathometer.numerics import native

# kept code holds the values of these, and is made anew when this file changes: they are not to be imported
ORDER = 6
"""Velocities that are kept."""

DAMPING = 0.8
"""Share of its change by the correction that a velocity gets without being evaluated again.

A token in a cluster falls at rate 1 towards its centre. With velocities taken at the prediction, steps above .045 are
unstable there; with this share of rate times correction taken off, steps up to .14.
"""

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


class Slots(NamedTuple):
    """What is known of every cluster; the last slot, after a power of two, is nobody's.

    Attributes:
        place: at the cluster's own time, shape (k + 1, d).
        now: its own time, shape (k + 1,).
        scale: unit of time of its polynomial, shape (k + 1,).
        speed: norm of its velocity, shape (k + 1,).
        partition: Z, shape (k + 1,).
        course: coefficients of the polynomial of its velocity, lowest power first, shape (k + 1, 6, d).
        known: how many velocities at times before it goes through, shape (k + 1,).
        times: those times, the latest first, shape (k + 1, 6).
        past: the velocities, shape (k + 1, 6, d).
        due: time of its next step, shape (k + 1,); inf where nobody is.
    """

    place: Float[np.ndarray, "kk d"]
    now: Float[np.ndarray, " kk"]
    scale: Float[np.ndarray, " kk"]
    speed: Float[np.ndarray, " kk"]
    partition: Float[np.ndarray, " kk"]
    course: Float[np.ndarray, "kk 6 d"]
    known: Int[np.ndarray, " kk"]
    times: Float[np.ndarray, "kk 6"]
    past: Float[np.ndarray, "kk 6 d"]
    due: Float[np.ndarray, " kk"]

    @classmethod
    def at(cls, points: Float[np.ndarray, "k d"], size: int, time: float) -> "Slots":
        """Clusters of which only the places are known.

        Args:
            points: unit rows, shape (k, d).
            size: slots without nobody's, a power of two, at least k.
            time: now.
        """
        (k, dim), total = points.shape, size + 1
        place, due, one = np.tile(points[0], (total, 1)), np.full(total, math.inf), np.ones(total)
        place[:k], due[:k] = points, time
        course, known = np.zeros((total, ORDER, dim)), np.zeros(total, np.int64)
        times, still = np.zeros((total, ORDER)), np.zeros(total)
        return cls(place, np.full(total, time), one, still, one.copy(), course, known, times, course.copy(), due)


class Lists(NamedTuple):
    """Who is near whom.

    Attributes:
        table: neighbours of every cluster, shape (k + 1, w); k, which is nobody, in the free places.
        counts: how many each has, shape (k + 1,).
        listed: where clusters were when their lists were made, shape (k + 1, d).
    """

    table: Int[np.ndarray, "kk w"]
    counts: Int[np.ndarray, " kk"]
    listed: Float[np.ndarray, "kk d"]


class Clusters(NamedTuple):
    """What steps leave as it is.

    Attributes:
        masses: shape (k + 1,); 0 where nobody is.
        groups: clusters of one label have come together, shape (k + 1,).
    """

    masses: Float[np.ndarray, " kk"]
    groups: Int[np.ndarray, " kk"]


class State(NamedTuple):
    """All that steps look at."""

    slots: Slots
    lists: Lists
    clusters: Clusters


class Limits(NamedTuple):
    """Numbers.

    Attributes:
        beta: inverse temperature.
        tolerance: error of a prediction, as a length.
        event_chord: clusters of different groups this close make a pause.
        merge_chord: any two clusters this close make one.
        reach: length of the lists.
        travel: way from where it was listed after which a cluster's list is made again.
        until: time up to which to go.
        steps: number of them up to which to go.
        usa: whether velocities are not divided by Z.
    """

    beta: float
    tolerance: float
    event_chord: float
    merge_chord: float
    reach: float
    travel: float
    until: float
    steps: int
    usa: bool


class Stepped(NamedTuple):
    """How far it went.

    Attributes:
        time: of the next step of any.
        latest: of the last step.
        number: who took it; nobody if there was none.
        before: that one's own time before it.
        steps: how many.
        pause: whether that one has come close to another or is hasty, or has no room for its list.
    """

    time: float
    latest: float
    number: int
    before: float
    steps: int
    pause: bool


class _Seen(NamedTuple):
    """What the cluster that steps sees of its neighbours; room that is used again by every step.

    Attributes:
        place: of the cluster, as predicted, shape (d,).
        other: of one neighbour, shape (d,).
        velocity: shape (d,).
        half: half the squared distances, shape (w,).
        kernel: exp(-beta half), shape (w,).
        differences: of velocities, shape (6, d).
        nodes: times of known velocities in units of the step, shape (6,).
        basis: coefficients of a polynomial, shape (6,).
    """

    place: Float[np.ndarray, " d"]
    other: Float[np.ndarray, " d"]
    velocity: Float[np.ndarray, " d"]
    half: Float[np.ndarray, " w"]
    kernel: Float[np.ndarray, " w"]
    differences: Float[np.ndarray, "6 d"]
    nodes: Float[np.ndarray, " 6"]
    basis: Float[np.ndarray, " 6"]


@native
def _match(winners, due, place: int) -> None:
    one, other = winners[2 * place], winners[2 * place + 1]
    winners[place] = one if due[one] <= due[other] else other


@native
def _tournament(due):
    """A binary tree over all slots: in every place the one of its two below that is due first; in place 1 the first."""
    size = len(due) - 1
    winners = np.empty(2 * size, np.int64)
    winners[size:] = np.arange(size)
    for place in range(size - 1, 0, -1):
        _match(winners, due, place)
    return winners


@native
def _put_off(winners, due, number: int, time: float) -> None:
    """Let a cluster be due at another time."""
    due[number] = time
    place = (len(due) - 1 + number) // 2
    while place > 0:
        _match(winners, due, place)
        place //= 2


@native
def _length(vector) -> float:
    """Norm of a vector whose squares may underflow, as those of late velocities do."""
    largest, square = np.max(np.abs(vector)), 0.0
    if largest == 0.0:
        return 0.0
    for entry in vector:
        square += (entry / largest) ** 2
    return largest * math.sqrt(square)


@native
def _predict(slots: Slots, number: int, time: float, place) -> None:
    """Where a cluster is at a time, by its polynomial."""
    share, scale, square = (time - slots.now[number]) / slots.scale[number], slots.scale[number], 0.0
    for axis in range(len(place)):
        way = 0.0
        for power in range(ORDER - 1, -1, -1):  # no powers of a share, which overflow where nothing moves
            way = share * (way + OVER[power] * slots.course[number, power, axis])
        place[axis] = slots.place[number, axis] + scale * way
        square += place[axis] ** 2
    length = math.sqrt(square)
    for axis in range(len(place)):
        place[axis] /= length


@native
def _pull(state: State, number: int, time: float, limits: Limits, seen: _Seen):
    """See all neighbours; returns the speed, Z, and the rate at which the neighbours pull the cluster together."""
    slots, lists, clusters = state
    _predict(slots, number, time, seen.place)
    partition, rate, along = clusters.masses[number], 0.0, 0.0
    seen.velocity[:] = 0.0
    for rank in range(lists.counts[number]):
        near = lists.table[number, rank]
        weight, square = clusters.masses[near], 0.0
        if weight == 0.0:
            seen.half[rank] = seen.kernel[rank] = 0.0
            continue
        _predict(slots, near, time, seen.other)
        for axis in range(len(seen.place)):
            square += (seen.other[axis] - seen.place[axis]) ** 2
        half = 0.5 * square
        kernel = math.exp(-limits.beta * half)
        seen.half[rank], seen.kernel[rank] = half, kernel
        partition += weight * kernel
        rate += weight * kernel
        along += weight * kernel * half
        for axis in range(len(seen.place)):
            seen.velocity[axis] += weight * kernel * (seen.other[axis] - seen.place[axis])
    divisor = 1.0 if limits.usa else max(partition, 1e-300)
    for axis in range(len(seen.place)):
        seen.velocity[axis] = (seen.velocity[axis] + along * seen.place[axis]) / divisor
    return _length(seen.velocity), partition, rate / divisor


@native
def _call(winners, state: State, number: int, time: float, speed: float, limits: Limits, seen: _Seen) -> None:
    """Let neighbours be due now whose velocities the motion of a cluster has changed so that it matters."""
    slots, lists, clusters = state
    for rank in range(lists.counts[number]):
        near = lists.table[number, rank]
        since = time - slots.now[near]
        if clusters.masses[near] == 0.0 or since <= 0 or seen.kernel[rank] == 0.0 or slots.due[near] <= time:
            continue
        chord = math.sqrt(2 * seen.half[rank])
        grown = math.expm1(min(limits.beta * speed * since * min(chord, 1.0), 30.0))
        change = clusters.masses[number] * seen.kernel[rank] * chord * grown
        if not limits.usa:
            change /= slots.partition[near]
        matters = change * min(slots.due[near] - slots.now[near], 1e300) > limits.tolerance
        if matters and change > _SHARE * slots.speed[near]:
            _put_off(winners, slots.due, near, time)


@native
def _interpolate(values, nodes, known: int, differences, course) -> None:
    """Coefficients of the polynomial through values at the known nodes, by Newton's divided differences."""
    for axis in range(values.shape[1]):
        for order in range(known):
            differences[order, axis] = values[order, axis]
        for order in range(1, known):
            for place in range(known - 1, order - 1, -1):
                differences[place, axis] -= differences[place - 1, axis]
                differences[place, axis] /= nodes[place] - nodes[place - order]
        course[:, axis] = 0.0
        for order in range(known - 1, -1, -1):  # from Newton's form to powers
            for power in range(known - 1 - order, 0, -1):
                course[power, axis] = course[power - 1, axis] - nodes[order] * course[power, axis]
            course[0, axis] = differences[order, axis] - nodes[order] * course[0, axis]


@native
def _first_basis(nodes, known: int, basis) -> None:
    """Coefficients of the polynomial that is 1 at the first node, which is 0, and 0 at the other known ones."""
    basis[:] = 0.0
    basis[0] = 1.0
    for order in range(1, known):
        for power in range(order, 0, -1):
            basis[power] -= basis[power - 1] / nodes[order]


@native
def _remember(slots: Slots, number: int, time: float, seen: _Seen) -> int:
    """Take the new velocity down before those at earlier times; returns how many are known."""
    known = min(slots.known[number] + 1, ORDER)
    for back in range(known - 1, 0, -1):
        slots.times[number, back] = slots.times[number, back - 1]
        slots.past[number, back] = slots.past[number, back - 1]
    slots.times[number, 0], slots.past[number, 0] = time, seen.velocity
    return known


@native
def _correct(slots: Slots, number: int, step: float, known: int, rate: float, seen: _Seen) -> float:
    """Put a cluster where its new polynomial says, mended by the gap to the prediction; returns the gap's length."""
    course, place, square = slots.course[number], slots.place[number], 0.0
    for axis in range(len(place)):
        for power in range(known):
            place[axis] += step * _BACK[power] * course[power, axis]
        square += place[axis] ** 2
    length, error = math.sqrt(square), 0.0
    _first_basis(seen.nodes, known, seen.basis)
    for axis in range(len(place)):
        place[axis] /= length
        gap = place[axis] - seen.place[axis] if known > 1 else 0.0
        error += gap**2
        mend = -DAMPING * rate * gap
        slots.past[number, 0, axis] += mend
        for power in range(known):
            course[power, axis] += seen.basis[power] * mend
    return math.sqrt(error)


@native
def _first_step(time: float, speed: float, rate: float, limits: Limits) -> float:
    """Length of a step of which only the velocity at its beginning is known."""
    first, short = min(0.1 * math.sqrt(limits.tolerance / max(speed, 1e-300)) + 1e-4, 0.05), 2 * HASTY * time
    way = speed * short
    straight = limits.beta * way < _FAST and rate * short * way < limits.tolerance
    return max(first, short) if straight else first


@native
def _advance(slots: Slots, number: int, time: float, speed: float, rate: float, limits: Limits, seen: _Seen) -> float:
    """Take the step that ends now; returns the length of the next one."""
    step, fresh = time - slots.now[number], slots.known[number] == 0
    scale = step if step > 0 else slots.scale[number]
    known = _remember(slots, number, time, seen)
    for order in range(known):
        seen.nodes[order] = (slots.times[number, order] - time) / scale
    _interpolate(slots.past[number], seen.nodes, known, seen.differences, slots.course[number])
    gap = _correct(slots, number, step, known, rate, seen)
    error = gap / (limits.tolerance + _ROUNDING * time * speed)
    slots.now[number], slots.scale[number], slots.speed[number] = time, scale, speed
    slots.known[number] = min(known, 2) if error > _SURPRISE else known
    if fresh:
        return _first_step(time, speed, rate, limits)
    return scale * min(max(0.8 * max(error, 1e-12) ** (-1 / (known + 1)), 0.25), 2.0)


@native
def _meets(state: State, number: int, limits: Limits, seen: _Seen) -> bool:
    """Whether a cluster is within the event chord of one of another group, or within the merge chord of any."""
    _, lists, clusters = state
    event, merge = limits.event_chord**2 / 2, limits.merge_chord**2 / 2
    for rank in range(lists.counts[number]):
        near = lists.table[number, rank]
        apart = clusters.groups[near] != clusters.groups[number]
        if clusters.masses[near] > 0 and seen.half[rank] <= (event if apart else merge):
            return True
    return False


@native
def _square(places, one: int, others, other: int) -> float:
    """Squared distance of two rows."""
    square = 0.0
    for axis in range(places.shape[1]):
        square += (places[one, axis] - others[other, axis]) ** 2
    return square


@native
def _has(lists: Lists, one: int, other: int) -> bool:
    return bool(np.any(lists.table[one, : lists.counts[one]] == other))


@native
def relist(
    places: Float[np.ndarray, "kk d"], masses: Float[np.ndarray, " kk"], lists: Lists, number: int, reach: float
) -> bool:
    """Make the list of one cluster again, and put it into those of its neighbours.

    Args:
        places: of all, unit rows, shape (k + 1, d).
        masses: shape (k + 1,).
        lists: are changed.
        number: of the cluster.
        reach: length of the lists.

    Returns:
        Whether there was room; if not, nothing is changed.
    """
    width, count = lists.table.shape[1], 0
    found = np.empty(width, lists.table.dtype)
    for other in range(len(masses) - 1):
        if other == number or masses[other] == 0.0 or _square(places, number, places, other) > reach**2:
            continue
        if count == width or (lists.counts[other] == width and not _has(lists, other, number)):
            return False
        found[count] = other
        count += 1
    for other in found[:count]:
        if not _has(lists, other, number):
            lists.table[other, lists.counts[other]] = number
            lists.counts[other] += 1
    lists.table[number] = len(masses) - 1
    lists.table[number, :count], lists.counts[number] = found[:count], count
    lists.listed[number] = places[number]
    return True


@native
def run_steps(state: State, limits: Limits) -> Stepped:
    """Take steps until a pause, a time or a number of them; slots are changed, and lists where clusters stray.

    Returns:
        How far it went.
    """
    slots, lists, clusters = state
    nobody, dim, width = len(slots.due) - 1, slots.place.shape[1], lists.table.shape[1]
    narrow, wide, table = np.empty((3, dim)), np.empty((2, width)), np.empty((2, ORDER))
    seen = _Seen(narrow[0], narrow[1], narrow[2], wide[0], wide[1], np.empty((ORDER, dim)), table[0], table[1])
    winners = _tournament(slots.due)
    number, time, before, steps, pause = nobody, slots.due[winners[1]], 0.0, 0, False
    while not pause and steps < limits.steps and slots.due[winners[1]] < limits.until:
        number = winners[1]
        time, before = slots.due[number], slots.now[number]
        speed, partition, rate = _pull(state, number, time, limits, seen)
        _call(winners, state, number, time, speed, limits, seen)
        step = _advance(slots, number, time, speed, rate, limits, seen)
        slots.partition[number] = partition
        _put_off(winners, slots.due, number, max(time + step, time * _NEXT))
        steps += 1
        pause = step < HASTY * time or _meets(state, number, limits, seen)
        if _square(slots.place, number, lists.listed, number) > limits.travel**2:
            pause = not relist(slots.place, clusters.masses, lists, number, limits.reach) or pause
    return Stepped(slots.due[winners[1]], time, number, before, steps, pause)
