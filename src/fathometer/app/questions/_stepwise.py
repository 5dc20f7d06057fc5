"""Work that reports while it runs, as steps that a session takes one at a time, and can end between two of them."""

import atexit
from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue
from threading import Thread, current_thread
from typing import Any, TypeVar

S = TypeVar("S")
R = TypeVar("R")


class _EndedError(Exception):
    """Nobody waits for the work any more."""


_BEAT = 0.3
"""Seconds after which something is yielded although nothing was reported."""

_at_work: dict[Thread, SimpleQueue[bool]] = {}


def stepwise(work: Callable[[Callable[[S], None]], R], meanwhile: S | None = None) -> Generator[S, None, R]:
    """Run work in a thread of its own that stands still whenever it has reported, until the next step is asked for.

    Args:
        work: called with a function that takes its reports; where the generator is closed, that function raises.
        meanwhile: yielded again and again where reports are far apart, so that a session can end the job between them;
            the thread then goes on to its next report alone.

    Yields:
        what it reports.
    """
    asked: SimpleQueue[bool] = SimpleQueue()
    told: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    thread = Thread(target=_run, args=(work, asked, told), daemon=True)
    _at_work[thread] = asked
    thread.start()
    try:
        while True:
            try:
                kind, value = told.get(timeout=_BEAT if meanwhile is not None else None)
            except Empty:
                yield meanwhile  # type: ignore[misc]
                continue
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
    finally:
        del _at_work[current_thread()]


@atexit.register
def _end_all() -> None:
    """Let all work come to its next report: a thread that the interpreter stops inside compiled code aborts it."""
    for thread, asked in [*_at_work.items()]:
        asked.put(False)
        thread.join(10)
