"""The isolated pairs of a run, each on its own clock, in the order in which they will merge."""

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.dynamics.collapse._cloud import Cloud
from fathometer.attention.dynamics.collapse._status import PairStart, Settings
from fathometer.attention.dynamics.collapse.pairs._pair_clock import PairClock, angle, log_closing_rate
from fathometer.attention.dynamics.collapse.pairs._partners import Partners
from fathometer.attention.model._system import Model

_STANDSTILL = 25.0
"""Log time before its merger until which a pair has moved by less than 1e-10 of what changes the forces on it."""


class Isolation:
    """Pairs whose every other attraction is negligible beside the rate at which they close.

    Such a pair is not stepped. It stays where it was when it was found, to all others, until it merges: what they feel
    of it is negligible until then, because it is slower by the same factor.
    """

    def __init__(self, cloud: Cloud, beta: float, model: Model, settings: Settings) -> None:
        self._cloud, self._beta, self._model, self._settings = cloud, beta, model, settings
        self._log_share = math.log(settings.tolerance / 10)
        self._partners = Partners(cloud, beta, model)
        self._clocks: dict[tuple[int, int], PairClock] = {}

    def __len__(self) -> int:
        return len(self._clocks)

    @property
    def members(self) -> Int[np.ndarray, " m"]:
        """Numbers of the clusters in isolated pairs."""
        return np.array([number for pair in self._clocks for number in pair], int)

    @property
    def log_horizon(self) -> float:
        """Log of the time of the next merger."""
        return min((clock.log_merger for clock in self._clocks.values()), default=math.inf)

    def pop(self) -> PairClock:
        """Remove and return the pair that merges first."""
        return self._clocks.pop(min(self._clocks, key=lambda pair: self._clocks[pair].log_merger))

    def update(self, log_time: float) -> tuple[int, int]:
        """Look again at who is isolated; return the numbers of pairs given back and of pairs taken."""
        self._partners.update()
        broken = [pair for pair in self._clocks if not self._alone(pair, math.log(10))]
        self._give_back(broken, log_time)
        candidates = [pair for pair in self._mutual() if pair not in self._clocks and self._alone(pair, 0.0)]
        for pair in candidates:
            disturbance = 2 * math.exp(min(0.0, self._disturbance(pair)))
            self._start(pair, max(log_time, *self._cloud.born[list(pair)]), disturbance)
        return len(broken), len(candidates)

    def forget(self) -> None:
        """Forget who was whose partner, so that only the clusters decide what is found next."""
        self._partners = Partners(self._cloud, self._beta, self._model)

    def starts(self) -> tuple[PairStart, ...]:
        """Return how the clocks of the isolated pairs were started."""
        place = {int(number): i for i, number in enumerate(self._cloud.alive)}
        return tuple(
            PairStart(place[first], place[second], clock.log_start, clock.doubt)
            for (first, second), clock in self._clocks.items()
        )

    def take(self, starts: tuple[PairStart, ...]) -> None:
        """Take back what `starts` returned."""
        for first, second, *start in starts:
            self._start((int(self._cloud.alive[first]), int(self._cloud.alive[second])), *start)

    def under_way(self, log_time: float) -> Iterator[tuple[tuple[int, int], Float[np.ndarray, "2 d"]]]:
        """Pairs that have moved by a time before the next merger.

        Yields:
            The numbers of two clusters, and where they are.
        """
        for pair, clock in self._clocks.items():
            if clock.log_merger - log_time < _STANDSTILL:
                yield pair, clock.positions(log_time)

    def _start(self, pair: tuple[int, int], log_start: float, doubt: float) -> None:
        chords = self._settings.event_chord, self._settings.merge_chord
        self._clocks[pair] = PairClock(self._cloud, pair, log_start, self._beta, self._model, *chords, doubt)

    def _give_back(self, pairs: list[tuple[int, int]], log_time: float) -> None:
        for pair in pairs:
            self._cloud.points[list(pair)] = self._clocks.pop(pair).positions(log_time)

    def _mutual(self) -> list[tuple[int, int]]:
        """Pairs that attract each other most, and by far."""
        alive, partners = self._cloud.alive, self._partners
        other = partners.partner[alive]
        mutual = (partners.partner[other] == alive) & (alive < other)
        clear = partners.best[alive] - np.maximum(partners.second[alive], partners.second[other]) > -self._log_share
        return [(int(i), int(j)) for i, j in zip(alive[mutual & clear], other[mutual & clear], strict=True)]

    def _alone(self, pair: tuple[int, int], slack: float) -> bool:
        """Whether the pair closes much faster than others move it, and is neither antipodal nor about to merge."""
        first, second = pair
        if self._partners.partner[first] != second or self._partners.partner[second] != first:
            return False
        chord = float(np.linalg.norm(self._cloud.points[first] - self._cloud.points[second]))
        gap = angle(chord)
        if chord <= 2 * self._settings.merge_chord or np.pi - gap <= np.exp(self._log_share / 4):
            return False
        return self._disturbance(pair) < self._log_share + slack

    def _disturbance(self, pair: tuple[int, int]) -> float:
        """Log of the rate at which others move the pair at the most, over that at which it closes."""
        others = max(self._partners.second[pair[0]], self._partners.second[pair[1]])
        return float(others - log_closing_rate(self._cloud, pair, self._beta, self._model))
