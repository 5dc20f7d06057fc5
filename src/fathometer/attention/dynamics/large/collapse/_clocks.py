"""The second stage: clusters with clocks of their own, until only the longest waits are left."""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import brentq

from fathometer.attention.dynamics.large.collapse._neighbours import Neighbours
from fathometer.attention.dynamics.large.collapse._rounds import (
    OVER,
    Limits,
    Slots,
    Stepped,
    Surroundings,
    layout,
    run_rounds,
)
from fathometer.attention.dynamics.large.collapse._tree import Contact
from fathometer.attention.model._system import Model

_FEWEST_SLOTS = 64

_PATIENCE = 2000
"""Rounds after which to report, at the most."""

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
        (k, dim), self._beta, self._usa, self._tolerance = points.shape, beta, model is Model.USA, tolerance
        self._merge_chord, self._event_chord = chords
        size = max(_FEWEST_SLOTS, 1 << (k - 1).bit_length())  # few sizes: each is compiled
        self._rows, self._due = np.zeros(size + 1, layout(dim)), np.full(size + 1, math.inf)
        self._rows["place"] = points[0]
        self._rows["place"][:k], self._due[:k] = points, time
        self._rows["now"], self._rows["scale"], self._rows["partition"] = time, 1.0, 1.0
        self.masses = np.zeros(size + 1)
        self.masses[:k] = masses
        self.time, self.alive, self.steps, self.rounds = time, k, 0, 0
        self.contacts: list[Contact] = []
        self._groups = np.arange(size + 1)
        self._lists = Neighbours(self._rows["place"], self.masses, beta, time)

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

    def where(self, numbers: Int[np.ndarray, "*b"], time: float) -> Float[np.ndarray, "*b d"]:
        """Places of clusters at a time, by their polynomials."""
        rows = self._rows[numbers]
        share = ((time - rows["now"]) / rows["scale"])[..., None]
        powers = share ** np.arange(1, len(OVER) + 1) * OVER * rows["scale"][..., None]
        place = rows["place"] + (powers[..., None, :] @ rows["course"])[..., 0, :]
        return place / np.sqrt(np.einsum("...d,...d->...", place, place))[..., None]

    def _rounds_until(self, until: float) -> Stepped:
        lists, limit = self._lists, min(until, self._lists.until)
        flat = self._rows.view(float).reshape(len(self._rows), -1)
        around = Surroundings(self.masses, self._groups, lists.table, lists.listed)  # type: ignore[arg-type]
        chords = self._event_chord, self._merge_chord
        limits = Limits(self._beta, self._tolerance, *chords, lists.travel, limit, _PATIENCE)
        done = run_rounds(Slots(flat, self._due), around, limits, self._usa)  # type: ignore[arg-type]
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

    def _meet(self, first: int, before: float) -> None:
        near = self._lists.table[first].copy()  # which a merger renews
        apart = self.where(near, self.time) - self.where(np.array(first), self.time)
        chords = np.sqrt(np.einsum("bd,bd->b", apart, apart))
        for place in np.flatnonzero(chords <= self._event_chord).tolist():
            second = int(near[place])
            if not self.masses[first] or not self.masses[second]:
                continue
            if self._groups[first] != self._groups[second]:
                self.contacts.append(Contact(math.log(self._moment(first, second, before)), first, second))
                self._groups[self._groups == self._groups[second]] = self._groups[first]
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

    def _merge(self, first: int, second: int) -> None:
        pair = np.array([first, second])
        place = self.masses[pair] @ self.where(pair, self.time)
        rows = self._rows
        rows["place"][pair] = place / math.sqrt(place @ place)
        self.masses[first], self.masses[second] = self.masses[pair].sum(), 0.0
        rows["now"][pair], rows["scale"][pair], rows["known"][pair], rows["course"][pair] = self.time, 1.0, 0, 0.0
        self._due[first], self._due[second] = self.time, math.inf
        self.alive -= 1
        self._lists.renew_one(first, rows["place"], self.masses, self.time)
