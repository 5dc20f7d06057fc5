"""Work that reports while it runs, as steps that a session takes one at a time, and can end between two of them."""

from collections.abc import Callable, Generator
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

S = TypeVar("S")
R = TypeVar("R")


class _EndedError(Exception):
    """Nobody waits for the work any more."""


def stepwise(work: Callable[[Callable[[S], None]], R]) -> Generator[S, None, R]:
    """Run work in a thread of its own that stands still whenever it has reported, until the next step is asked for.

    Args:
        work: called with a function that takes its reports; where the generator is closed, that function raises.

    Yields:
        what it reports.
    """
    asked: SimpleQueue[bool] = SimpleQueue()
    told: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    Thread(target=_run, args=(work, asked, told), daemon=True).start()
    try:
        while True:
            kind, value = told.get()
            if kind == "failed":
                raise value
            if kind == "done":
                return value
            yield value
            asked.put(True)
    finally:
        asked.put(False)


def _run(work: Callable[[Callable[[S], None]], R], asked: SimpleQueue, told: SimpleQueue) -> None:
    def report(value: S) -> None:
        told.put(("reported", value))
        if not asked.get():
            raise _EndedError

    try:
        told.put(("done", work(report)))
    except BaseException as error:
        told.put(("failed", error))
