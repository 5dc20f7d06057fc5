"""Cells in groups that are worth the way to a worker and back."""

from collections import deque
from collections.abc import Iterable, Sequence

from fathometer.study.engines._engine import Cell

WORTH = 1.0
"""Seconds of work in a batch, at least."""
_GROWTH, _LOOKED_AT = 8, 64


class Batches:
    """Hands out cells in batches of about a second, by the time that the last finished cells took.

    The first batches have one cell each. A batch is at most eight times as large as the largest before it, since early
    cells may be quicker than later ones, and at most a worker's share of what is left.

    Args:
        cells: all, in the order in which they are handed out; they are looked up when they are needed.
        workers: how many work side by side, at least 1.
        worth: seconds of work in a batch.
    """

    def __init__(self, cells: Sequence[Cell], workers: int, worth: float = WORTH) -> None:
        self._cells, self._workers, self._worth = cells, max(1, workers), worth
        self._next, self._largest = 0, 0
        self._returned: deque[Cell] = deque()
        self._took: deque[float] = deque(maxlen=_LOOKED_AT)

    def __len__(self) -> int:
        """How many cells have not been handed out, or came back."""
        return len(self._cells) - self._next + len(self._returned)

    def finished(self, seconds: float) -> None:
        """Learn what a cell took."""
        self._took.append(seconds)

    def back(self, cells: Iterable[Cell]) -> None:
        """Take back what a lost worker had not finished; it is handed out first."""
        self._returned.extend(cells)

    def take(self) -> list[Cell]:
        """Hand out the next batch; empty if nothing is left."""
        size = min(self._size(), max(1, -(-len(self) // self._workers)), len(self))
        first = [self._returned.popleft() for _ in range(min(size, len(self._returned)))]
        fresh = self._cells[self._next : self._next + size - len(first)]
        self._next += len(fresh)
        self._largest = max(self._largest, size)
        return [*first, *fresh]

    def _size(self) -> int:
        if not self._took:
            return 1
        mean = sum(self._took) / len(self._took)
        wanted = self._worth / mean if mean > 0 else len(self)
        return max(1, min(int(min(wanted, len(self))) + 1, _GROWTH * max(1, self._largest)))
