"""The second stage: clusters with clocks of their own, until only the longest waits are left."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import brentq

from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters
from fathometer.attention.dynamics.collapse.pairs._pair_clock import PairClock
from fathometer.attention.dynamics.large.collapse._neighbours import Neighbours
from fathometer.attention.dynamics.large.collapse._rounds import (
    HASTY,
    OVER,
    Limits,
    Slots,
    Stepped,
    Surroundings,
    layout,
    run_rounds,
)
from fathometer.attention.dynamics.large.collapse._tree import Contact
from fathometer.attention.model._system import Model, ParticleSystem

_PATIENCE = 2000
"""Rounds after which to report, at the most."""

_SHORT = 5e-8
"""Time, over that which has passed, in which all but the fastest clusters may be taken to stand still."""

Numbers = Int[np.ndarray, " b"]


class Clocks:
    """Clusters each of which has its own time, velocities at times before, and the time of its next step.

    The cluster whose next step is due first takes it, by Adams' method as in the first stage, together with some that
    have done half of theirs; all others are where their last polynomial says. A cluster is called before its time when
    a neighbour has changed its velocity by a twentieth and that matters at the tolerance. The rounds are compiled, see
    `run_rounds`, up to the next pair that comes close. Numbers are places in the list of clusters at the beginning.

    Attributes:
        masses: 0 of those that have become part of another one, and of the slots that are nobody's.
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
        room: tuple[int, int] = (64, 0),
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
            room: slots and length of the lists, at the least: the rounds are compiled for each.
        """
        (k, dim), self._beta, self._model, self._tolerance = points.shape, beta, model, tolerance
        self._chords = self._merge_chord, self._event_chord = chords
        size = max(room[0], 1 << (k - 1).bit_length())
        self._rows, self._due = np.zeros(size + 1, layout(dim)), np.full(size + 1, math.inf)
        self._rows["place"] = points[0]
        self._rows["place"][:k], self._due[:k] = points, time
        self._rows["now"], self._rows["scale"], self._rows["partition"] = time, 1.0, 1.0
        self.masses = np.zeros(size + 1)
        self.masses[:k] = masses
        self.time, self.alive, self.steps, self.rounds = time, k, 0, 0
        self.contacts: list[Contact] = []
        self._groups = np.arange(size + 1)
        self._lists = Neighbours(self._rows["place"], self.masses, beta, time, room[1])

    @property
    def present(self) -> Int[np.ndarray, " alive"]:
        """Numbers of the clusters that are left."""
        return np.flatnonzero(self.masses > 0)

    def run(self, until: float, fewest: int, report: Callable[["Clocks"], object]) -> None:
        """Step and merge up to a time, or until few clusters are left.

        Args:
            until: the time.
            fewest: number of clusters.
            report: called after the rounds up to a pause.
        """
        while self.alive > fewest and self.time < until:
            if self.time >= self._lists.until:
                self._lists.renew(self._rows["place"], self.masses, self.time)
            self._look_round(self._rounds_until(until))
            report(self)

    def kept(self) -> dict[str, np.ndarray]:
        """Return all that decides how the clocks go on."""
        numbers = [self.time, self.alive, self.steps, self.rounds]
        contacts = np.array(self.contacts, float).reshape(-1, 3)
        arrays = {"rows": self._rows.view(float), "due": self._due, "masses": self.masses, "groups": self._groups}
        return arrays | {"numbers": np.array(numbers, float), "contacts": contacts} | self._lists.kept()

    def take(self, kept: dict[str, np.ndarray]) -> None:
        """Go on from what `kept` returned."""
        self._rows = kept["rows"].view(self._rows.dtype)
        self._due, self.masses, self._groups = kept["due"], kept["masses"], kept["groups"]
        self.time, *counts = kept["numbers"].tolist()
        self.alive, self.steps, self.rounds = map(int, counts)
        self.contacts = [Contact(log_time, int(one), int(other)) for log_time, one, other in kept["contacts"].tolist()]
        self._lists.take(kept)

    def where(self, numbers: Int[np.ndarray, "*b"], time: float) -> Float[np.ndarray, "*b d"]:
        """Places of clusters at a time, by their polynomials."""
        rows = self._rows[numbers]
        share = ((time - rows["now"]) / rows["scale"])[..., None]
        way = np.zeros_like(rows["place"])
        for power in range(len(OVER) - 1, -1, -1):  # no powers of a share, which overflow where nothing moves
            way = share * (way + OVER[power] * rows["course"][..., power, :])
        place = rows["place"] + rows["scale"][..., None] * way
        return place / np.sqrt(np.einsum("...d,...d->...", place, place))[..., None]

    def _rounds_until(self, until: float) -> Stepped:
        lists, limit = self._lists, min(until, self._lists.until)
        flat = self._rows.view(float).reshape(len(self._rows), -1)
        around = Surroundings(self.masses, self._groups, lists.table, lists.listed)  # type: ignore[arg-type]
        chords = self._event_chord, self._merge_chord
        limits = Limits(self._beta, self._tolerance, *chords, lists.travel, limit, _PATIENCE)
        done = run_rounds(Slots(flat, self._due), around, limits, self._model is Model.USA)  # type: ignore[arg-type]
        self._rows = np.array(done.slots.rows).view(self._rows.dtype)[:, 0]
        self._due = np.array(done.slots.due)
        self.steps, self.rounds = self.steps + int(done.steps), self.rounds + int(done.rounds)
        self.time = limit if done.time >= limit and not done.pause else float(done.latest)
        return done

    def _look_round(self, done: Stepped) -> None:
        """Let those of the last round that are close to others meet, and renew the lists of those that strayed."""
        for number, before in zip(done.last.tolist(), done.before.tolist(), strict=True):
            if self.masses[number] > 0:
                self._meet(number, before)
            if self.masses[number] > 0 and self._lists.strayed(number, self._rows["place"]):
                self._lists.renew_one(number, self._rows["place"], self.masses, self.time)
            if self.masses[number] > 0 and self._is_hasty(number):
                self._hurry(number)

    def _is_hasty(self, number: int) -> bool:
        """Whether a cluster that has a velocity steps again at once, or before the time has grown by a rounding."""
        return bool(self._rows["known"][number] > 0 and self._due[number] - self.time < HASTY * self.time)

    def _meet(self, first: int, before: float) -> None:
        near = self._lists.table[first]
        near = near[self.masses[near] > 0]  # of those that are gone nothing is known any more
        apart = self.where(near, self.time) - self.where(np.array(first), self.time)
        chords = np.sqrt(np.einsum("bd,bd->b", apart, apart))
        for place in np.flatnonzero(chords <= self._event_chord).tolist():
            second = int(near[place])
            if not self.masses[first] or not self.masses[second]:
                continue
            moment = self._moment(first, second, before)
            self._touch(first, second, math.log(moment) if moment > 0 else -math.inf)
            if chords[place] <= self._merge_chord:
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

    def _touch(self, first: int, second: int, log_time: float) -> None:
        if self._groups[first] != self._groups[second]:
            self.contacts.append(Contact(log_time, first, second))
            self._groups[self._groups == self._groups[second]] = self._groups[first]

    def _merge(self, first: int, second: int, place: Float[np.ndarray, " d"] | None = None) -> None:
        pair = np.array([first, second])
        if place is None:
            place = self.masses[pair] @ self.where(pair, self.time)
        self.masses[first], self.masses[second] = self.masses[pair].sum(), 0.0
        self._begin_again(pair, place / math.sqrt(place @ place), self.time)
        self.alive -= 1
        self._lists.renew_one(first, self._rows["place"], self.masses, self.time)

    def _begin_again(self, numbers: Numbers, places: Float[np.ndarray, "*b d"], time: float) -> None:
        """Put clusters somewhere at a time, and forget their velocities."""
        rows = self._rows
        rows["place"][numbers], rows["course"][numbers], rows["known"][numbers] = places, 0.0, 0
        rows["now"][numbers], rows["scale"][numbers] = time, 1.0
        self._due[numbers] = np.where(self.masses[numbers] > 0, time, math.inf)

    def _hurry(self, number: int) -> None:
        """Let a component that is over in a share `_SHORT` of the time run on its own: all others stand still."""
        members = self._component(number)
        if len(members) == 1:
            return
        around = np.setdiff1d(self._lists.table[members], members)
        around = around[self.masses[around] > 0]
        before = self._pull(around, members)
        if not (self._fall(*members.tolist()) if len(members) == 2 else self._run_apart(members)):
            return
        shift = np.linalg.norm(self._pull(around, members) - before, axis=1)
        felt = around[shift * (self._due[around] - self._rows["now"][around]) > 0.1 * self._tolerance]
        self._begin_again(felt, self.where(felt, self.time), self.time)

    def _component(self, number: int) -> Numbers:
        """Clusters that are moved by each other, in that short time, by more than the tolerance."""
        members, new = [number], [number]
        least = self._tolerance / (_SHORT * self.time)
        while new:
            one = np.array([new.pop()])
            near = self._lists.table[one[0]]
            near = np.setdiff1d(near[self.masses[near] > 0], members)
            apart = self.where(near, self.time) - self.where(one, self.time)
            squares = np.einsum("bd,bd->b", apart, apart)
            pull = np.sqrt(squares) * np.exp(-0.5 * self._beta * squares)
            speeds = np.maximum(self.masses[near] * pull / self._size(one), self.masses[one] * pull / self._size(near))
            found = near[speeds > least].tolist()
            members, new = members + found, new + found
        return np.array(members)

    def _pull(self, numbers: Numbers, sources: Int[np.ndarray, " s"]) -> Float[np.ndarray, "b d"]:
        """Velocities that clusters get from some others."""
        apart = self.where(sources, self.time) - self.where(numbers, self.time)[:, None]
        weights = self.masses[sources] * np.exp(-0.5 * self._beta * np.einsum("bsd,bsd->bs", apart, apart))
        pull = np.einsum("bs,bsd->bd", weights, apart)
        return pull / self._size(numbers)[:, None]

    def _size(self, numbers: Int[np.ndarray, "*b"]) -> Float[np.ndarray, "*b"]:
        """What the velocities of clusters are divided by."""
        return np.ones(numbers.shape) if self._model is Model.USA else self._rows["partition"][numbers]

    def _fall(self, first: int, second: int) -> bool:
        """Let two clusters become one by the closed form, if they do so in that short time."""
        pair = np.array([first, second])
        two = ParticleSystem.project(self.where(pair, self.time), self._beta, self._model)
        clusters = replace(Clusters.of(two), log_masses=np.log(self.masses[pair]))
        chords = self._event_chord, self._merge_chord
        clock = PairClock(Cloud(clusters), (0, 1), -math.inf, self._beta, self._model, *chords)
        now = math.log(self.time)
        if clock.log_merger > now + math.log(3 * _SHORT):
            return False
        self._touch(first, second, now if clock.log_event is None else float(np.logaddexp(now, clock.log_event)))
        self._merge(first, second, clock.meeting_point())
        return True

    def _run_apart(self, members: Numbers) -> bool:
        """Let more than two clusters run by clocks that begin at 0."""
        room = len(self._rows) - 1, self._lists.table.shape[1]
        arrays = self.where(members, self.time), self.masses[members], 0.0
        own = Clocks(*arrays, self._beta, self._model, self._tolerance, self._chords, room)
        own.run(_SHORT * self.time, 1, lambda _: None)
        for contact in own.contacts:
            first, second = members[[contact.first, contact.second]].tolist()
            self._touch(first, second, math.log(self.time + math.exp(contact.log_time)))
        self.masses[members] = own.masses[: len(members)]
        self._begin_again(members, own.where(np.arange(len(members)), own.time), self.time + own.time)
        self.alive -= len(members) - own.alive
        for number in members[self.masses[members] > 0].tolist():
            self._lists.renew_one(number, self._rows["place"], self.masses, self.time)
        return True
