"""The second stage: clusters with clocks of their own, until only the longest waits are left."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import brentq

from fathometer.attention.dynamics.large.collapse._adams import DAMPING, ORDER
from fathometer.attention.dynamics.large.collapse._neighbours import Neighbours
from fathometer.attention.dynamics.large.collapse._tree import Contact
from fathometer.attention.model._system import Model

_SHARE = 0.05
"""Relative change of its velocity by a neighbour from which on a cluster is looked at again."""

_SURPRISE = 50.0
"""Error of a prediction, over the tolerance, after which most of what was known before is forgotten."""

_POWERS = np.arange(ORDER)
_OVER = 1.0 / (1.0 + _POWERS)
_BACK = -((-1.0) ** (_POWERS + 1)) * _OVER
"""Integrals of the powers over the step that has just been taken, in units in which it goes from -1 to 0."""

Index = Int[np.ndarray, " b"]


class _Look(NamedTuple):
    """Some clusters, their neighbours, and the velocities that they give them.

    Attributes:
        due: numbers of the clusters, shape (b,).
        near: of their neighbours, shape (b, w).
        half: half the squared distances, shape (b, w).
        kernel: exp(-beta half), shape (b, w).
        places: predicted ones of the clusters, shape (b, d).
        velocity: shape (b, d).
        speed: its norms, shape (b,).
        partition: Z, shape (b,).
        rate: at which neighbours pull a cluster together with them, shape (b,).
    """

    due: Index
    near: Int[np.ndarray, "b w"]
    half: Float[np.ndarray, "b w"]
    kernel: Float[np.ndarray, "b w"]
    places: Float[np.ndarray, "b d"]
    velocity: Float[np.ndarray, "b d"]
    speed: Float[np.ndarray, " b"]
    partition: Float[np.ndarray, " b"]
    rate: Float[np.ndarray, " b"]


class Clocks:
    """Clusters each of which has its own time, velocities at times before, and the time of its next step.

    The cluster whose next step is due first takes it, by Adams' method as in the first stage, together with those that
    have done half of theirs; all others are where their last polynomial says. A cluster is called before its time when
    a neighbour has changed its velocity by a twentieth and that matters at the tolerance. Numbers are places in the
    list of clusters at the beginning; number k is nobody.

    Attributes:
        points: where each was at its own time, shape (k + 1, d).
        masses: shape (k + 1,); 0 of those that have become part of another one.
        time: until which all is known.
        alive: how many are left.
        steps: of single clusters so far.
        rounds: steps that were taken together count as one.
        contacts: at the event chord.
    """

    def __init__(
        self,
        points: Float[np.ndarray, "k d"],
        masses: Float[np.ndarray, " k"],
        time: float,
        beta: float,
        model: Model,
        tolerance: float,
        chords: tuple[float, float],
    ) -> None:
        """Begin at a time.

        Args:
            points: of the clusters, shape (k, d), unit rows.
            masses: shape (k,), sum 1.
            time: above 0.
            beta: inverse temperature, above 0.
            model: SA or USA.
            tolerance: error of a prediction, as a length.
            chords: distances at which two clusters become one, and at which they make an event.
        """
        (k, d), self._beta, self._usa, self._tolerance = points.shape, beta, model is Model.USA, tolerance
        self._merge_chord, self._event_chord = chords
        self.points, self.masses = np.concatenate([points, points[:1]]), np.append(masses, 0.0)
        self.time, self.alive, self.steps, self.rounds = time, k, 0, 0
        self.contacts: list[Contact] = []
        self._now, self._next, self._scale = np.full(k + 1, time), np.full(k + 1, time), np.ones(k + 1)
        self._next[k] = math.inf
        self._course, self._past = np.zeros((k + 1, ORDER, d)), np.zeros((k + 1, ORDER, d))
        self._times, self._known = np.zeros((k + 1, ORDER)), np.zeros(k + 1, int)
        self._speed, self._partition = np.zeros(k + 1), np.ones(k + 1)
        self._group = np.arange(k + 1)
        self._lists = Neighbours(self.points, self.masses, beta, time)

    @property
    def present(self) -> Int[np.ndarray, " alive"]:
        """Numbers of the clusters that are left."""
        return np.flatnonzero(self.masses > 0)

    def run(self, until: float, fewest: int, report: Callable[["Clocks"], object]) -> None:
        """Step and merge up to a time, or until few clusters are left.

        Args:
            until: the time.
            fewest: number of clusters.
            report: called after every round.
        """
        while self.alive > fewest:
            self.time = min(float(np.min(self._next)), until)
            if self.time >= until:
                return
            if self.time > self._lists.until:
                self._lists.renew(self.points, self.masses, self.time)
            waited = self.time - self._now
            self._advance(np.flatnonzero((self._next - self.time <= waited) | (self._next <= self.time)))
            report(self)

    def where(self, numbers: Int[np.ndarray, "*b"], time: float) -> Float[np.ndarray, "*b d"]:
        """Places of clusters at a time, by their polynomials."""
        share = (time - self._now[numbers]) / self._scale[numbers]
        powers = np.repeat(share[..., None], ORDER, axis=-1)
        np.multiply.accumulate(powers, axis=-1, out=powers)
        powers *= _OVER * self._scale[numbers][..., None]
        place = self.points[numbers] + (powers[..., None, :] @ self._course[numbers])[..., 0, :]
        return place / np.sqrt(np.einsum("...d,...d->...", place, place))[..., None]

    def _look(self, due: Index) -> _Look:
        near = self._lists.table[due]
        places = self.where(due, self.time)
        apart = self.where(near, self.time) - places[:, None]
        half = 0.5 * np.einsum("bwd,bwd->bw", apart, apart)
        kernel = np.exp(-self._beta * half)
        weights = self.masses[near] * kernel
        velocity = (weights[:, None] @ apart)[:, 0] + np.einsum("bw,bw->b", weights, half)[:, None] * places
        rate = weights.sum(axis=1)
        partition = self.masses[due] + rate
        if not self._usa:
            velocity, rate = velocity / partition[:, None], rate / partition
        speed = np.sqrt(np.einsum("bd,bd->b", velocity, velocity))
        return _Look(due, near, half, kernel, places, velocity, speed, partition, rate)

    def _advance(self, due: Index) -> None:
        self.rounds += 1
        self.steps += len(due)
        look, before = self._look(due), self._now[due]
        self._step(look)
        self._speed[due], self._partition[due] = look.speed, look.partition
        self._call(look)
        self._meet(look, before)
        for number in due[self._lists.strayed(due, self.points)].tolist():
            if self.masses[number] > 0:
                self._lists.renew_one(number, self.points, self.masses, self.time)

    def _step(self, look: _Look) -> None:
        due, step = look.due, self.time - self._now[look.due]
        fresh = self._known[due] == 0
        scale = np.where(step > 0, step, self._scale[due])
        known = np.minimum(self._known[due] + 1, ORDER)
        past = np.concatenate([look.velocity[:, None], self._past[due, :-1]], axis=1)
        times = np.concatenate([np.full((len(due), 1), self.time), self._times[due, :-1]], axis=1)
        inverse = _interpolation((times - self.time) / scale[:, None], known)
        past[known[:, None] <= _POWERS] = 0.0
        course = inverse @ past
        corrected = self.points[due] + (_BACK @ course) * step[:, None]
        corrected /= np.sqrt(np.einsum("bd,bd->b", corrected, corrected))[:, None]
        gap = np.where(fresh[:, None], 0.0, corrected - look.places)
        mend = -DAMPING * look.rate[:, None] * gap
        course += inverse[:, :, :1] * mend[:, None]
        past[:, 0] += mend
        error = np.sqrt(np.einsum("bd,bd->b", gap, gap)) / self._tolerance
        factor = np.clip(0.8 * np.maximum(error, 1e-12) ** (-1 / (known + 1)), 0.25, 2.0)
        first = np.minimum(0.1 * np.sqrt(self._tolerance / np.maximum(look.speed, 1e-300)) + 1e-4, 0.05)
        self.points[due], self._now[due], self._scale[due] = corrected, self.time, scale
        self._course[due], self._past[due], self._times[due] = course, past, times
        self._known[due] = np.where(error > _SURPRISE, np.minimum(known, 2), known)
        self._next[due] = self.time + np.where(fresh, first, scale * factor)

    def _call(self, look: _Look) -> None:
        """Let those step soon whose velocities change by what has moved."""
        chord, near = np.sqrt(2 * look.half), look.near
        since = np.maximum(self.time - self._now[near], 0.0)
        # how much the force of a cluster may have changed, by its speed now, since a neighbour looked at it
        grown = np.expm1(np.minimum(self._beta * look.speed[:, None] * since * np.minimum(chord, 1.0), 30.0))
        change = self.masses[look.due][:, None] * look.kernel * chord * grown
        if not self._usa:
            change /= self._partition[near]
        span = np.minimum(self._next[near] - self._now[near], 1e100)
        matters = (change > _SHARE * self._speed[near]) & (change * span > self._tolerance)
        called = near[matters]
        called = called[(self.masses[called] > 0) & (self._now[called] < self.time)]
        self._next[called] = self.time

    def _meet(self, look: _Look, before: Float[np.ndarray, " b"]) -> None:
        close = (look.half <= 0.5 * self._event_chord**2) & (self.masses[look.near] > 0)
        for row, column in np.argwhere(close).tolist():
            first, second = int(look.due[row]), int(look.near[row, column])
            if not self.masses[first] or not self.masses[second]:
                continue
            if self._group[first] != self._group[second]:
                self.contacts.append(Contact(math.log(self._moment(first, second, before[row])), first, second))
                self._group[self._group == self._group[second]] = self._group[first]
            if look.half[row, column] <= 0.5 * self._merge_chord**2:
                self._merge(first, second)

    def _moment(self, first: int, second: int, begin: float) -> float:
        """Time, after the beginning of the first one's step, at which two clusters come within the event chord."""
        pair = np.array([first, second])

        def excess(time: float) -> float:
            one, other = self.where(pair, time)
            return math.log(max(float(np.linalg.norm(one - other)), 1e-300) / self._event_chord)

        if begin >= self.time or excess(begin) <= 0 or excess(self.time) >= 0:
            return self.time
        return float(brentq(excess, begin, self.time, xtol=1e-9 * (self.time - begin) + 1e-15 * self.time))  # type: ignore[arg-type]

    def _merge(self, first: int, second: int) -> None:
        pair = np.array([first, second])
        place = self.masses[pair] @ self.where(pair, self.time)
        self.points[pair] = place / math.sqrt(place @ place)
        self.masses[first], self.masses[second] = self.masses[pair].sum(), 0.0
        self._now[pair], self._scale[pair], self._known[pair], self._course[pair] = self.time, 1.0, 0, 0.0
        self._next[first], self._next[second] = self.time, math.inf
        self.alive -= 1
        self._lists.renew_one(first, self.points, self.masses, self.time)


def _interpolation(nodes: Float[np.ndarray, "b q"], known: Index) -> Float[np.ndarray, "b q q"]:
    """Coefficients of the polynomials through values at the known nodes, the latest first; 0 above their number."""
    matrix = np.empty((*nodes.shape, ORDER))
    matrix[..., 0] = 1.0
    matrix[..., 1:] = nodes[..., None]
    np.multiply.accumulate(matrix, axis=-1, out=matrix)
    if known.min() < ORDER:
        missing = known[:, None] <= _POWERS
        matrix[missing] = np.eye(ORDER)[np.nonzero(missing)[1]]
    return np.linalg.inv(matrix)
