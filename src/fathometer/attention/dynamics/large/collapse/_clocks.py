"""The second stage: clusters with clocks of their own, until only the longest waits are left."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import brentq

from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters, close_pairs, components
from fathometer.attention.dynamics.collapse.pairs._pair_clock import PairClock
from fathometer.attention.dynamics.collapse.results._meetings import Meeting, within
from fathometer.attention.dynamics.collapse.steps._compiled_loop import SLACK
from fathometer.attention.dynamics.large.collapse._neighbours import Neighbours
from fathometer.attention.dynamics.large.collapse._steps import (
    HASTY,
    OVER,
    Clusters as Standing,
    Limits,
    Slots,
    State,
    Stepped,
    run_steps,
)
from fathometer.attention.dynamics.large.collapse._tree import Contact
from fathometer.attention.model._system import Model, ParticleSystem

_PATIENCE = 20_000
"""Steps after which to report, at the most."""

_SHORT = 5e-8
"""Time, over that which has passed, in which all but the fastest clusters may be taken to stand still."""

_GLANCE = 1e-3
"""Time, over that which has passed, between two looks for groups that part: to meet again takes longer."""

Numbers = Int[np.ndarray, " b"]


class Clocks:
    """Clusters each of which has its own time, velocities at times before, and the time of its next step.

    The cluster whose next step is due first takes it, by Adams' method as in the first stage; all others are where
    their last polynomial says. A cluster is called before its time when a neighbour has changed its velocity by a
    twentieth and that matters at the tolerance. The steps are compiled, see `run_steps`, up to the next pair that comes
    close. Numbers are places in the list of clusters at the beginning.

    Attributes:
        masses: 0 of those that have become part of another one, and of the slots that are nobody's.
        time: until which all is known.
        alive: how many are left.
        steps: of single clusters so far.
        contacts: at the event chord; those of clusters that part again are taken back.
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
            time: not negative; 0 for a short run, which looks for groups that part at its end only.
            beta: inverse temperature, above 0.
            model: SA or USA.
            tolerance: error of a prediction, as a length.
            chords: distances at which two clusters become one, and at which they make an event.
        """
        k, self._beta, self._model, self._tolerance = len(points), beta, model, tolerance
        self._chords = self._merge_chord, self._event_chord = chords
        size = 1 << max(1, (k - 1).bit_length())
        self._slots = Slots.at(points, size, time)
        self.masses = np.zeros(size + 1)
        self.masses[:k] = masses
        self.time, self.alive, self.steps = time, k, 0
        self.contacts: list[Contact] = []
        self._groups, self._into = np.arange(size + 1), np.arange(size + 1)
        self._glance, self._looks = math.inf, time > 0
        self._near = Neighbours(self._slots.place, self.masses, beta, time)

    @property
    def present(self) -> Int[np.ndarray, " alive"]:
        """Numbers of the clusters that are left."""
        return np.flatnonzero(self.masses > 0)

    def run(self, until: float, fewest: int, report: Callable[["Clocks"], object]) -> None:
        """Step and merge up to a time, or until few clusters are left.

        Args:
            until: the time.
            fewest: number of clusters.
            report: called after the steps up to a pause.
        """
        while self.alive > fewest and self.time < until:
            if self.time >= self._near.until:
                self._near.renew(self._slots.place, self.masses, self.time)
            self._look_after(self._steps_until(until))
            if self.time >= self._glance:
                self._part()
            report(self)
        self._part()

    def contacts_within(self, labels: Int[np.ndarray, " alive"]) -> list[Contact]:
        """Contacts that are left when only the present clusters of one label stay together."""
        label = np.full(len(self.masses), -1)
        label[self.present] = labels
        part = {number: int(label[into]) for number, into in enumerate(self._into) if label[into] >= 0}
        return [Contact(*meeting[:3]) for meeting in within((Meeting(*contact) for contact in self.contacts), part)]

    def kept(self) -> dict[str, np.ndarray]:
        """Return all that decides how the clocks go on."""
        numbers = np.array([self.time, self._glance, self.alive, self.steps], float)
        contacts = np.array(self.contacts, float).reshape(-1, 3)
        arrays = {"masses": self.masses, "groups": self._groups, "into": self._into}
        return self._slots._asdict() | arrays | {"numbers": numbers, "contacts": contacts} | self._near.kept()

    def take(self, kept: dict[str, np.ndarray]) -> None:
        """Go on from what `kept` returned."""
        self._slots = Slots(*(kept[name] for name in Slots._fields))
        self.masses, self._groups, self._into = kept["masses"], kept["groups"], kept["into"]
        self.time, self._glance, *counts = kept["numbers"].tolist()
        self.alive, self.steps = map(int, counts)
        self.contacts = [Contact(log_time, int(one), int(other)) for log_time, one, other in kept["contacts"].tolist()]
        self._near.take(kept)

    def where(self, numbers: Int[np.ndarray, "*b"], time: float) -> Float[np.ndarray, "*b d"]:
        """Places of clusters at a time, by their polynomials."""
        slots = self._slots
        share = ((time - slots.now[numbers]) / slots.scale[numbers])[..., None]
        way, course = np.zeros_like(slots.place[numbers]), slots.course[numbers]
        for power in range(len(OVER) - 1, -1, -1):  # no powers of a share, which overflow where nothing moves
            way = share * (way + OVER[power] * course[..., power, :])
        place = slots.place[numbers] + slots.scale[numbers][..., None] * way
        return place / np.sqrt(np.einsum("...d,...d->...", place, place))[..., None]

    def _steps_until(self, until: float) -> Stepped:
        near = self._near
        limit = min(until, near.until, self._glance)
        lengths = self._event_chord, self._merge_chord, near.reach, near.travel
        limits = Limits(self._beta, self._tolerance, *lengths, limit, _PATIENCE, self._model is Model.USA)
        done = run_steps(State(self._slots, near.lists, Standing(self.masses, self._groups)), limits)
        self.steps += done.steps
        self.time = limit if done.time >= limit and not done.pause else done.latest
        return done

    def _look_after(self, done: Stepped) -> None:
        """Let the cluster of the last step meet those that are close, and renew its list if it strayed."""
        number = done.number
        if done.pause:
            self._meet(number, done.before)
        if self.masses[number] > 0 and self._near.strayed(number, self._slots.place):
            self._near.renew_one(number, self._slots.place, self.masses, self.time)
        if self.masses[number] > 0 and self._is_hasty(number):
            self._hurry(number)

    def _is_hasty(self, number: int) -> bool:
        """Whether a cluster that has a velocity steps again at once, or before the time has grown by a rounding."""
        return bool(self._slots.known[number] > 0 and self._slots.due[number] - self.time < HASTY * self.time)

    def _meet(self, first: int, before: float) -> None:
        near = self._near.near(np.array(first))
        near = near[self.masses[near] > 0]  # of those that are gone nothing is known any more
        apart = self.where(near, self.time) - self.where(np.array(first), self.time)
        chords = np.sqrt(np.einsum("bd,bd->b", apart, apart))
        self._meet_foreign(first, near[chords <= self._event_chord], before)
        for second in near[chords <= self._merge_chord].tolist():
            if self.masses[first] and self.masses[second]:
                self._merge(first, second)

    def _meet_foreign(self, first: int, seconds: Numbers, before: float) -> None:
        """Let the group of a cluster meet those of others, each at the first moment at which any two were close."""
        present = self.present
        labels = self._groups[present]
        mine = present[labels == self._groups[first]]
        others = present[np.isin(labels, self._groups[seconds]) & (labels != self._groups[first])]
        if not len(others):
            return
        apart = self.where(mine, self.time)[:, None] - self.where(others, self.time)
        close = np.argwhere(np.einsum("abd,abd->ab", apart, apart) <= self._event_chord**2)
        seen = self._slots.now.copy()
        seen[first] = before
        pairs = [(int(mine[one]), int(others[other])) for one, other in close]
        for moment, one, other in sorted((self._moment(*pair, max(seen[[*pair]])), *pair) for pair in pairs):
            self._touch(one, other, math.log(moment) if moment > 0 else -math.inf)

    def _moment(self, first: int, second: int, begin: float) -> float:
        """Time, from when they were last looked at, at which two clusters come within the event chord."""
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
            self._glance = min(self._glance, self._next_glance())

    def _next_glance(self) -> float:
        """When to look again; clocks that began at 0 have no time that has passed, and look when they have run."""
        return (1 + _GLANCE) * self.time if self._looks else math.inf

    def _part(self) -> None:
        """Take groups apart whose clusters are no longer connected, and contacts back with them."""
        present = self.present
        _, groups, counts = np.unique(self._groups[present], return_inverse=True, return_counts=True)
        several = np.flatnonzero(counts[groups] > 1)
        self._glance = self._next_glance() if len(several) else math.inf
        if not len(several):
            return
        pairs = several[close_pairs(self.where(present[several], self.time), self._event_chord * (1 + SLACK))]
        parts = components(len(present), pairs[groups[pairs[:, 0]] == groups[pairs[:, 1]]])
        if np.max(parts) + 1 == len(counts):
            return
        self.contacts = self.contacts_within(parts)
        self._groups[present] = present[np.unique(parts, return_index=True)[1]][parts]

    def _merge(self, first: int, second: int, place: Float[np.ndarray, " d"] | None = None) -> None:
        pair = np.array([first, second])
        if place is None:
            place = self.masses[pair] @ self.where(pair, self.time)
        self.masses[first], self.masses[second] = self.masses[pair].sum(), 0.0
        self._into[self._into == second] = first
        self._begin_again(pair, place / math.sqrt(place @ place), self.time)
        self.alive -= 1
        self._near.renew_one(first, self._slots.place, self.masses, self.time)

    def _begin_again(self, numbers: Numbers, places: Float[np.ndarray, "*b d"], time: float) -> None:
        """Put clusters somewhere at a time, and forget their velocities."""
        slots = self._slots
        slots.place[numbers], slots.course[numbers], slots.known[numbers] = places, 0.0, 0
        slots.now[numbers], slots.scale[numbers] = time, 1.0
        slots.due[numbers] = np.where(self.masses[numbers] > 0, time, math.inf)

    def _hurry(self, number: int) -> None:
        """Let a component that is over in a share `_SHORT` of the time run on its own: all others stand still."""
        members = self._component(number)
        if len(members) == 1:
            return
        around = np.setdiff1d(self._near.near(members), members)
        around = around[self.masses[around] > 0]
        before = self._pull(around, members)
        if not (self._fall(*members.tolist()) if len(members) == 2 else self._run_apart(members)):
            return
        shift = np.max(np.abs(self._pull(around, members) - before), axis=1)  # late ones have squares that underflow
        felt = around[shift * (self._slots.due[around] - self._slots.now[around]) > 0.1 * self._tolerance]
        self._begin_again(felt, self.where(felt, self.time), self.time)

    def _component(self, number: int) -> Numbers:
        """Clusters that are moved by each other, in that short time, by more than the tolerance."""
        members, new = [number], [number]
        least = self._tolerance / (_SHORT * self.time)
        while new:
            one = np.array([new.pop()])
            near = self._near.near(one)
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
        return np.ones(numbers.shape) if self._model is Model.USA else self._slots.partition[numbers]

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
        arrays = self.where(members, self.time), self.masses[members], 0.0
        own = Clocks(*arrays, self._beta, self._model, self._tolerance, self._chords)
        own.run(_SHORT * self.time, 1, lambda _: None)
        for contact in own.contacts:
            first, second = members[[contact.first, contact.second]].tolist()
            self._touch(first, second, math.log(self.time + math.exp(contact.log_time)))
        self.masses[members] = own.masses[: len(members)]
        for number, into in zip(members, members[own._into[: len(members)]], strict=True):
            self._into[self._into == number] = into
        self._begin_again(members, own.where(np.arange(len(members)), own.time), self.time + own.time)
        self.alive -= len(members) - own.alive
        for number in members[self.masses[members] > 0].tolist():
            self._near.renew_one(number, self._slots.place, self.masses, self.time)
        return True
