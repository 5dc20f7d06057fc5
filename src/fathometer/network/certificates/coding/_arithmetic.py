"""An adaptive arithmetic coder of small whole numbers: what weights cost once they are quantised.

A number u is a row of decisions "is it larger than i?", i = 0, 1, ..., each coded with the probability that earlier
decisions at the same place suggest: (count + 1/2)/(all + 1), the estimator of Krichevsky and Trofimov (1981), which
costs half a logarithm of the decisions more than the best fixed probability. Probabilities have 16 bits and the range
32 (G. N. N. Martin 1979); all of it is whole numbers, so that every machine decodes the same.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

PLACES = 64
"""Places with counts of their own; later ones share the last."""

TOP, FULL = 1 << 24, (1 << 32) - 1


class _Counts:
    """How often a number went on, and how often it stopped, at each place."""

    def __init__(self) -> None:
        self.on, self.all = [0] * PLACES, [0] * PLACES

    def chance(self, place: int) -> int:
        """Of going on, in units of 2^-16, never 0 or 1."""
        chance = ((2 * self.on[place] + 1) << 16) // (2 * self.all[place] + 2)
        return min(max(chance, 1), (1 << 16) - 1)

    def learn(self, place: int, on: bool) -> None:
        """Count a decision."""
        self.on[place] += on
        self.all[place] += 1


class _Writer:
    def __init__(self) -> None:
        self.low, self.width, self.held, self.waiting = 0, FULL, 0, 0
        self.bytes = bytearray()
        self.started = False

    def put(self, on: bool, chance: int) -> None:
        """Write one decision."""
        part = (self.width >> 16) * chance
        if on:
            self.width = part
        else:
            self.low += part
            self.width -= part
        while self.width < TOP:
            self.width = (self.width << 8) & FULL
            self._shift()

    def _shift(self) -> None:
        """Let the first byte go, once no carry can reach it."""
        if self.low < 0xFF000000 or self.low > FULL:
            carry = self.low >> 32
            if self.started:
                self.bytes.append((self.held + carry) & 0xFF)
            self.bytes.extend([(0xFF + carry) & 0xFF] * self.waiting)
            self.started, self.waiting, self.held = True, 0, (self.low >> 24) & 0xFF
        else:
            self.waiting += 1
        self.low = (self.low << 8) & FULL

    def finish(self) -> bytes:
        """All bytes: the roundest number of the range, without zeros at its end, which the reader adds itself."""
        rounded = (-(-self.low // (1 << k)) << k for k in range(32, -1, -1))
        self.low = next(number for number in rounded if number < self.low + self.width)
        for _ in range(5):
            self._shift()
        return bytes(self.bytes).rstrip(b"\0")


class _Reader:
    def __init__(self, code: bytes) -> None:
        self.code, self.at, self.width = code, 0, FULL
        self.value = 0
        for _ in range(4):
            self.value = (self.value << 8) | self._byte()

    def get(self, chance: int) -> bool:
        """Read one decision."""
        part = (self.width >> 16) * chance
        on = self.value < part
        if on:
            self.width = part
        else:
            self.value -= part
            self.width -= part
        while self.width < TOP:
            self.width = (self.width << 8) & FULL
            self.value = ((self.value << 8) | self._byte()) & FULL
        return on

    def _byte(self) -> int:
        self.at += 1
        return self.code[self.at - 1] if self.at <= len(self.code) else 0


def written(parts: Iterable[NDArray[np.integer]]) -> bytes:
    """Code several rows of numbers, each with counts of its own.

    Args:
        parts: numbers of at least 0.
    """
    writer = _Writer()
    for part in parts:
        counts = _Counts()
        for number in part.tolist():
            for i in range(number + 1):
                place = min(i, PLACES - 1)
                writer.put(i < number, counts.chance(place))
                counts.learn(place, i < number)
    return writer.finish()


def read(code: bytes, sizes: Iterable[int], largest: int) -> list[NDArray[np.int64]]:
    """Numbers from their code.

    Args:
        code: as `written` made it.
        sizes: how many numbers each row has.
        largest: number that there can be.

    Raises:
        ValueError: if a number is larger.
    """
    reader = _Reader(code)
    return [_row(reader, size, largest) for size in sizes]


def _row(reader: _Reader, size: int, largest: int) -> NDArray[np.int64]:
    counts, numbers = _Counts(), []
    for _ in range(size):
        number, on = 0, True
        while on:
            place = min(number, PLACES - 1)
            on = reader.get(counts.chance(place))
            counts.learn(place, on)
            number += on
            if number > largest:
                raise ValueError(f"a number is above {largest}")
        numbers.append(number)
    return np.array(numbers, np.int64)
