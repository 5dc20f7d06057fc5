"""Interrupts of the user that are obeyed at the next moment at which nothing is lost."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruptions() -> Iterator[list[bool]]:
    """Collect interrupts of the user in a list, for whoever runs to look at when it suits; in the main thread only.

    Yields:
        The list, empty until then.
    """
    seen: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(True))
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)
