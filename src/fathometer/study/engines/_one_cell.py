"""One cell, computed here: what it came to, or why it failed."""

import os
import platform
import time
import traceback

from fathometer.study.engines._engine import Cell, Compute, Outcome


def outcome_of(compute: Compute, cell: Cell) -> Outcome:
    """Compute a cell in this process. Whatever it raises, but an interrupt, is a failed outcome.

    Args:
        compute: from parameters and a seed to what they come to.
        cell: which.

    Raises:
        KeyboardInterrupt: at the user's interrupt.
    """
    began = time.perf_counter()
    try:
        computed = compute(cell.parameters, cell.seed)
        return Outcome(cell, computed, seconds=time.perf_counter() - began, machine=machine())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a cell that calls sys.exit has failed, too
        return failed(cell, one_line(error), traceback.format_exc(), time.perf_counter() - began)


def failed(cell: Cell, error: str, traceback: str = "", seconds: float = 0.0, where: str | None = None) -> Outcome:
    """A failed outcome.

    Args:
        cell: which.
        error: one line.
        traceback: of the failure, if there is one.
        seconds: that were spent on it.
        where: host and process; this one if not given.
    """
    return Outcome(cell, None, error, traceback, seconds, machine() if where is None else where)


def one_line(error: BaseException) -> str:
    """An exception in one line, its kind first."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def machine(process: int | None = None) -> str:
    """Host and process, such as "node7:4242"; this process if none is given."""
    return f"{platform.node() or 'unknown'}:{os.getpid() if process is None else process}"
