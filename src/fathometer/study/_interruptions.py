"""Interrupts of the user that are obeyed at the next moment at which nothing is lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_listening: list[list[bool]] = []


@contextmanager
def interruptions() -> Iterator[list[bool]]:
    """Collect interrupts of the user in a list, for whoever runs to look at when it suits.

    In another thread than the main one, those that the main thread passes on by `pass_on`.

    Yields:
        The list, empty until then.
    """
    seen: list[bool] = []
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(True)) if main else None
    _listening.append(seen)
    try:
        yield seen
    finally:
        _listening[:] = [other for other in _listening if other is not seen]
        if main:
            signal.signal(signal.SIGINT, before)


def pass_on() -> bool:
    """Tell those who listen that the user interrupts; whether there is anyone who has not been told before."""
    told = [seen.append(True) for seen in _listening if not seen]
    return bool(told)
