"""Cells side by side, in processes of their own on this machine."""

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fathometer.evidence import whole_number
from fathometer.study._interruptions import interruptions
from fathometer.study.engines._child import Child
from fathometer.study.engines._engine import Cell, Compute, Engine, Limits, Outcome
from fathometer.study.engines._in_process import InProcess

_LOOK_EVERY = 0.1
_MOST_JOBS = 1024


def in_process() -> Engine:
    """Return the engine that computes one cell after the other in this process."""
    return InProcess()


def processes(jobs: int) -> Engine:
    """Return the engine that computes in that many processes, which live as long as the run and keep compiled code.

    Raises:
        InputError: if there are not from 1 to 1024 jobs.
    """
    return Processes(whole_number("jobs", jobs, at_least=1, at_most=_MOST_JOBS))


@dataclass(frozen=True)
class Processes:
    """Computes in processes of its own.

    Attributes:
        jobs: how many.
    """

    jobs: int

    def run(
        self,
        cells: Sequence[Cell],
        compute: Compute,
        limits: Limits,
        finished: Callable[[Outcome], None],
        announce: Callable[[str], None],
    ) -> None:
        """Compute the cells side by side; see `Engine`.

        Args:
            cells: what to compute.
            compute: a function of a module.
            limits: what one cell may use.
            finished: takes each outcome.
            announce: is told when a process was lost.

        Raises:
            KeyboardInterrupt: at the user's interrupt.
        """
        jobs = min(self.jobs, len(cells))
        threads = max(1, (os.cpu_count() or 1) // max(1, jobs))
        pool = _Pool([Child(compute, limits, threads) for _ in range(jobs)], cells)
        try:
            with interruptions() as interrupted:
                for outcome in pool.outcomes(interrupted):
                    finished(outcome)
                    _tell(outcome, announce)
        finally:
            for outcome in pool.stop():
                finished(outcome)
        if interrupted:
            raise KeyboardInterrupt


def _tell(outcome: Outcome, announce: Callable[[str], None]) -> None:
    if outcome.error.startswith("ProcessLost"):
        announce(f"{outcome.machine} was lost with cell {outcome.cell.address}: another process goes on")


class _Pool:
    """One thread for each process; outcomes come through a queue."""

    def __init__(self, children: Sequence[Child], cells: Sequence[Cell]) -> None:
        self._children, self._cells = children, iter(cells)
        self._left, self._stopping = len(cells), False
        self._guard = threading.Lock()
        self._done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, args=(child,), daemon=True) for child in children]

    def outcomes(self, interrupted: Sequence[bool]) -> Iterator[Outcome]:
        """Hand out outcomes until all cells are done or the user interrupts.

        Yields:
            Each outcome.
        """
        for thread in self._threads:
            thread.start()
        while self._left and not interrupted:
            try:
                done = self._done.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                continue
            if isinstance(done, BaseException):
                raise done
            self._left -= 1
            yield done

    def stop(self) -> list[Outcome]:
        """End all processes, and return what was finished meanwhile."""
        self._stopping = True
        for child, thread in zip(self._children, self._threads, strict=True):
            while thread.is_alive():
                child.stop()  # again, if it was just about to start another process
                thread.join(_LOOK_EVERY)
            child.close()
        rest = [self._done.get() for _ in range(self._done.qsize())]
        return [outcome for outcome in rest if isinstance(outcome, Outcome)]

    def _work(self, child: Child) -> None:
        try:
            while (cell := self._next()) is not None:
                outcome = child.compute(cell)
                if self._stopping and outcome.computed is None:
                    return  # it failed because its process was ended
                self._done.put(outcome)
        except BaseException as error:
            self._done.put(error)

    def _next(self) -> Cell | None:
        with self._guard:
            return None if self._stopping else next(self._cells, None)
