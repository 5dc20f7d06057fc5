"""One run at a time in a folder. The lock of a process that is gone is free."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fathometer.evidence import InputError

NAME = "lock"


def is_locked(folder: Path) -> bool:
    """Whether a process holds the lock of a folder, which need not be one that can be written to."""
    import fcntl

    try:
        with (folder / NAME).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:  # no run has ever begun
        pass
    return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which exists.

    Yields:
        Nothing.

    Raises:
        InputError: if another process holds it, which is named.
    """
    import fcntl  # not on every system, and needed by runs alone

    with (folder / NAME).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise InputError(f"{str(folder)!r} is in use by {holder}: wait for it, or take another folder") from error
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node() or 'this machine'}")
        file.flush()
        yield
