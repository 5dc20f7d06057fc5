"""What a long training says about how far it is."""

import time
from collections.abc import Callable

Say = Callable[[str], object]

SAY_EVERY = 10.0
"""Seconds between two reports of progress."""


def now_and_then(name: str, say: Say | None) -> Say | None:
    """The same, with a name before what is said and at most every few seconds."""
    if say is None:
        return None
    said = time.monotonic()

    def rarely(text: str) -> None:
        nonlocal said
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            say(f"{name}, {text}")

    return rarely
