"""What a long computation says about how far it is."""

import math
import sys
import time
from collections.abc import Callable

Say = Callable[[str], object]
"""Takes one line, without its end."""

SAY_EVERY = 10.0
"""Seconds between two reports of progress."""
LONG = 60.0
"""Seconds from which on a computation says beforehand how long it will take."""

_UNITS = ((86400.0, "days"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


_said = [-math.inf]


def say_progress(line: str) -> None:
    """Write a line to standard error, at once."""
    _said[0] = time.monotonic()
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def stay_silent() -> None:
    """Nothing more needs to be said of this process: it waits for others, as a server does."""
    _said[0] = math.inf


def silent_for() -> float:
    """Seconds since `say_progress` last wrote a line; inf if it never did."""
    return time.monotonic() - _said[0]


class Progress:
    """Says what is computed, how far it is and how much time is left, at most every ten seconds.

    Args:
        what: is computed; each line begins with it.
        say: takes the lines; standard error if not given.
        done: part that was finished before, in [0, 1], such as by an interrupted run that goes on.
        every: seconds between two lines, and before the first.
        clock: seconds from any origin.
    """

    def __init__(
        self,
        what: str,
        say: Say = say_progress,
        *,
        done: float = 0.0,
        every: float = SAY_EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._say, self._before, self._every, self._clock = what, say, done, every, clock
        self._began = self._said = clock()

    def expect(self, seconds: float, advice: str = "") -> None:
        """Say beforehand how long it will take and what would be faster, if that is more than a minute."""
        if seconds > LONG:
            remark = f"; {advice}" if advice else ""
            self._say(f"{self._what}: will take about {duration(seconds)}; Ctrl-C stops it{remark}")

    def at(self, done: float, detail: str = "") -> None:
        """Say how far it is, unless that was said a moment ago.

        Args:
            done: part of the work that is finished, in [0, 1].
            detail: where it is, such as "t = 3 of 50".
        """
        now = self._clock()
        if now - self._said < self._every:
            return
        self._said = now
        self._say(
            ", ".join(part for part in (f"{self._what}: {100 * done:.3g} %", detail, self._left(done, now)) if part)
        )

    def _left(self, done: float, now: float) -> str:
        """Time left at the speed so far; nothing before any of it is done."""
        if done <= self._before:
            return ""
        return f"about {duration((now - self._began) * (1 - done) / (done - self._before))} left"


def duration(seconds: float) -> str:
    """Return a time in words, such as "35 s", "4 min" or "2.5 h"."""
    if not math.isfinite(seconds):
        return "for ever"
    size, name = next((unit for unit in _UNITS if seconds >= 2 * unit[0]), _UNITS[-1])
    count = seconds / size
    return f"{count:.1f} {name}" if name in ("h", "days") and count < 10 else f"{count:.0f} {name}"
