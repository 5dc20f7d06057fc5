"""Compiled work that cannot look at interrupts by itself, and obeys them all the same."""

import atexit
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from fathometer.study._interruptions import interruptions

T = TypeVar("T")
_LOOK_EVERY = 0.2


def stoppable(work: Callable[[], T], tick: Callable[[], object] | None = None) -> T:
    """Do work in another thread while this one listens to the user.

    An interrupt ends the waiting at once with KeyboardInterrupt. The work is given up; if compiled code still runs when
    the process ends, the process does not wait for it and ends with code 130.

    Args:
        work: anything; what it raises is raised here.
        tick: is called a few times a second meanwhile, from this thread.

    Returns:
        What the work returned.

    Raises:
        KeyboardInterrupt: at the user's interrupt.
    """
    done: dict[str, Any] = {}

    def run() -> None:
        try:
            done["result"] = work()
        except BaseException as error:
            done["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    with interruptions() as interrupted:
        while thread.is_alive() and not interrupted:
            thread.join(_LOOK_EVERY)
            if tick is not None:
                tick()
    if interrupted:
        atexit.register(_leave, thread)
        raise KeyboardInterrupt
    if "error" in done:
        raise done["error"]
    return done["result"]


def _leave(thread: threading.Thread) -> None:
    """End the process if the thread is still in compiled code: to tear that down would abort."""
    if thread.is_alive():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130)
