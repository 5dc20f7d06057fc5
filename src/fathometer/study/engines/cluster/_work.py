"""What is left to compute, in batches, and which cells are suspected of killing workers."""

import itertools
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from fathometer.study.engines._batches import Batches
from fathometer.study.engines._engine import Cell, Outcome

TRIES = 2
"""Workers that a cell may kill, as far as can be told, before it has failed."""

_SHORT, _LOOKED_AT = 5.0, 64
_CLOSE_LOOK = 32


@dataclass(frozen=True)
class Batch:
    """Cells that travel together; careful: one of them may have killed a worker."""

    number: int
    cells: tuple[Cell, ...]
    careful: bool = False


class Work:
    """The cells of a run that have no outcome yet.

    Args:
        cells: all of them; their addresses differ.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._batches = Batches(cells, 1)
        self._suspects: deque[tuple[Cell, ...]] = deque()
        self._missing: set[str] = set()  # of the cells that were handed out before
        self._back: set[str] = set()  # of those that came back
        self._left = len(cells)
        self._killed: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._seconds: deque[float] = deque(maxlen=_LOOKED_AT)

    @property
    def left(self) -> int:
        """Cells without an outcome."""
        return self._left

    @property
    def short(self) -> bool:
        """Whether batches are known to be so short that a worker should have its next one before it asks."""
        return len(self._seconds) > 0 and sum(self._seconds) < _SHORT * len(self._seconds)

    def next(self, workers: int) -> Batch | None:
        """Take a batch of about a second, or smaller so that the rest suffices for all workers; None if none waits.

        Args:
            workers: that compute at the same time.
        """
        while self._suspects:
            suspects = tuple(filter(self._is_missing, self._suspects.popleft()))
            if suspects:
                return Batch(next(self._numbers), suspects, careful=True)
        share = max(1, -(-len(self._batches) // max(workers, 1)))
        cells = self._batches.take()
        self._batches.back(cells[share:])
        fresh = tuple(cell for cell in cells[:share] if self._is_missing(cell))
        if cells and not fresh:
            return self.next(workers)
        self._missing.update(cell.address for cell in fresh)
        return Batch(next(self._numbers), fresh) if fresh else None

    def _is_missing(self, cell: Cell) -> bool:
        """Whether a cell that is handed out has no outcome; one that came back may have got it late."""
        return cell.address not in self._back or cell.address in self._missing

    def hand_over(self, outcome: Outcome) -> bool:
        """Note that a cell has its outcome; whether that is news."""
        if outcome.cell.address not in self._missing:
            return False
        self._missing.remove(outcome.cell.address)
        self._left -= 1
        self._seconds.append(outcome.seconds)
        self._batches.finished(outcome.seconds)
        return True

    def give_back(self, batch: Batch) -> None:
        """Take back what a batch has not computed, through no fault of its own."""
        rest = self.rest(batch)
        if batch.careful and rest:
            self._suspects.append(rest)
        else:
            self._return(rest)

    def blame(self, batch: Batch) -> Cell | None:
        """Take back what a batch has not computed, whose worker died: one of the cells may be the cause.

        The cells are finished in order, and the first ones of the rest are looked at closely. When a worker dies over
        them again, the first that is missing was being computed.

        Returns:
            A cell that has failed: it killed as many workers as it may.
        """
        rest = self.rest(batch)
        if not rest:
            return None
        if len(batch.cells) > 1 and not batch.careful:
            self._part(rest, _CLOSE_LOOK)
            return None
        self._killed[rest[0].address] += 1
        if self._killed[rest[0].address] < TRIES:
            self._part(rest, 1)
            return None
        self._return(rest[1:])
        return rest[0]

    def _part(self, rest: Sequence[Cell], suspects: int) -> None:
        self._back.update(cell.address for cell in rest[:suspects])
        self._suspects.append(tuple(rest[:suspects]))
        self._return(rest[suspects:])

    def _return(self, cells: Sequence[Cell]) -> None:
        self._back.update(cell.address for cell in cells)
        self._batches.back(cells)

    def rest(self, batch: Batch) -> tuple[Cell, ...]:
        """Return the cells of a batch that have no outcome."""
        return tuple(cell for cell in batch.cells if cell.address in self._missing)
