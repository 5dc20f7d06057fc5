"""One run at a time in a folder. The lock of a process that is gone is free."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fathometer.evidence import InputError

NAME = "lock"


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
