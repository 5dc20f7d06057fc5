"""A process for each thread of a worker, which computes cells that have limits, and goes when there are no more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fathometer.study.engines._child import Child

_IDLE = 60.0
_LOOK_EVERY = 0.2


@dataclass
class _Kept:
    run: str
    child: Child
    busy: bool = True
    since: float = 0.0


_kept: dict[int, _Kept] = {}
_lock = threading.Lock()


@contextmanager
def kept_child(
    run: str,
    make: Callable[[], Child],
    wanted: Callable[[], bool],
    later: Callable[[float, Callable[[], None]], object],
) -> Iterator[Child]:
    """Use the process of this thread; a run uses the one that it has used before.

    Args:
        run: name of the run.
        make: makes the process.
        wanted: whether what is computed is still wanted; otherwise the process is killed.
        later: calls something after some seconds.

    Yields:
        The process.
    """
    thread = threading.get_ident()
    kept = _taken(thread, run, make)
    watch = _Watch(kept.child, wanted)
    try:
        yield kept.child
    finally:
        watch.end()
        kept.busy, kept.since = False, time.monotonic()
        later(_IDLE + 1, lambda: _dismiss(thread))


def _taken(thread: int, run: str, make: Callable[[], Child]) -> _Kept:
    with _lock:
        kept = _kept.get(thread)
        if kept is not None and kept.run == run:
            kept.busy = True
            return kept
        _kept[thread] = _Kept(run, make())
    if kept is not None:
        kept.child.close()
    return _kept[thread]


class _Watch:
    """Kills a process while what it computes is not wanted, and never after the end of that.

    Args:
        child: the process.
        wanted: whether what is computed is still wanted.
    """

    def __init__(self, child: Child, wanted: Callable[[], bool]) -> None:
        self._child, self._wanted = child, wanted
        self._done, self._lock, self._killed = threading.Event(), threading.Lock(), False
        threading.Thread(target=self._look, daemon=True).start()

    def end(self) -> None:
        """Look no more; a process that was killed is put away, or the next batch would find it dead."""
        with self._lock:
            self._done.set()
        if self._killed:
            self._child.close()

    def _look(self) -> None:
        while not self._done.wait(_LOOK_EVERY):
            if not self._wanted():
                self._kill()

    def _kill(self) -> None:
        with self._lock:
            if not self._done.is_set():  # else the process is already the next batch's
                self._child.stop()
                self._killed = True


def _dismiss(thread: int) -> None:
    """Let the process of a thread go if it was idle for long."""
    with _lock:
        kept = _kept.get(thread)
        if kept is None or kept.busy or time.monotonic() - kept.since < _IDLE:
            return
        del _kept[thread]
    kept.child.close()
