"""The journal: every outcome, written as soon as it is there, never changed."""

import errno
import os
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.study.engines._engine import Outcome
from fathometer.study.store._record import Entry, Place, entries_of, line_of

OUTCOMES, ARRAYS = "journal.jsonl", "arrays.bin"
SYNC_EVERY = 1.0
"""Seconds after which what was written is on the disk, at the latest."""
_AT_ONCE = 2**24  # bytes of the journal that are read at a time


class Journal:
    """Takes outcomes, for one process at a time. What was taken is kept, even if the process is killed at once.

    The first outcome that cannot be written ends the journal; the files are as they were before it.

    Args:
        folder: exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopped: OSError | None = None
        self._guard, self._syncing, self._closed = threading.Lock(), threading.Lock(), False
        self._timer: threading.Timer | None = None
        self._outcomes = self._opened(OUTCOMES)
        self._arrays = self._opened(ARRAYS)
        whole = whole_length(folder)
        if whole < self._outcomes[1]:
            os.ftruncate(self._outcomes[0], whole)
            self._outcomes[1] = whole

    def take(self, outcome: Outcome) -> None:
        """Keep an outcome.

        Raises:
            InputError: if there is no room for it; what was kept before is not touched.
        """
        with self._guard:
            try:
                if self._stopped is not None:
                    raise self._stopped
                self._append(self._outcomes, line_of(outcome, self._placed(outcome)))
            except OSError as error:
                self._stopped = error
                raise InputError(self._complaint(error)) from error
            if self._timer is None:
                self._timer = threading.Timer(SYNC_EVERY, self._sync_later)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """See to it that all is on the disk, and let the files go.

        Raises:
            InputError: if the disk does not take it.
        """
        if self._timer is not None:
            self._timer.cancel()
        with self._guard, self._syncing:
            try:
                self._sync()
            except OSError as error:
                raise InputError(self._complaint(error)) from error
            finally:
                self._closed = True
                for file in (self._outcomes, self._arrays):
                    os.close(file[0])

    def _opened(self, name: str) -> list[int]:
        """A file that is written to at its end, and its length."""
        path = self._folder / name
        return [os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644), path.stat().st_size]

    def _placed(self, outcome: Outcome) -> dict[str, Place]:
        arrays = {} if outcome.computed is None else outcome.computed.arrays
        return {name: self._array(np.asarray(array)) for name, array in arrays.items()}

    def _array(self, array: NDArray) -> Place:
        start = self._arrays[1]
        stored = array.astype(array.dtype.newbyteorder("<"), copy=False)
        data = stored.tobytes()
        self._append(self._arrays, data)
        return Place(start, stored.dtype.str, array.shape, zlib.crc32(data))

    def _append(self, file: list[int], data: bytes) -> None:
        """Write all of it, or leave the file as it was.

        Raises:
            OSError: if there is no room.
        """
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(file[0], left) :]
        except BaseException:
            os.ftruncate(file[0], file[1])
            raise
        file[1] += len(data)

    def _sync_later(self) -> None:
        """What a disk takes its time for keeps no outcome waiting."""
        with self._guard:
            self._timer = None
        try:
            with self._syncing:
                self._sync()
        except OSError as error:
            self._stopped = self._stopped or error

    def _sync(self) -> None:
        if self._closed:  # while the timer waited
            return
        for file in (self._arrays, self._outcomes):
            os.fsync(file[0])

    def _complaint(self, error: OSError) -> str:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full" if full else f"it cannot be written to: {error.strerror}"
        return f"{str(self._folder)!r}: {why}; all that was stored before is kept, and the next run goes on from there"


def whole_length(folder: Path) -> int:
    """Bytes of the journal up to the end of its last whole line."""
    try:
        with (folder / OUTCOMES).open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            while end > 0:
                start = max(0, end - _AT_ONCE)
                file.seek(start)
                place = file.read(end - start).rfind(b"\n")
                if place >= 0:
                    return start + place + 1
                end = start
    except FileNotFoundError:
        pass
    return 0


def read_entries(folder: Path, start: int = 0, *, check: bool = True) -> Iterator[Entry]:
    """Read the journal; entries whose arrays are not there are left out.

    Args:
        folder: of a study.
        start: byte to begin at, the first of a line.
        check: whether all arrays are read and held against their checksums; else only their ends are looked at, which
            is quick.

    Yields:
        Entries, in the order in which they were written. The last one of a cell counts.
    """
    left = whole_length(folder) - start
    if left <= 0:
        return
    with (folder / OUTCOMES).open("rb") as file, _Arrays(folder / ARRAYS) as arrays:
        file.seek(start)
        rest = b""
        while left > 0 and (data := file.read(min(left, _AT_ONCE))):
            left -= len(data)
            whole, _, torn = (rest + data).rpartition(b"\n")
            rest = torn
            yield from (entry for entry in entries_of(whole + b"\n") if arrays.has(entry.arrays, check))


def read_array(file: int, place: Place) -> NDArray:
    """Read one array.

    Args:
        file: handle of the file of arrays.
        place: where it is.
    """
    data = b"".join(_pieces(file, place))
    return np.frombuffer(data, np.dtype(place.kind)).reshape(place.shape)


class _Arrays:
    """The file of arrays, which need not be there."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb") if path.exists() else None
        self._room = path.stat().st_size if self._file else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def has(self, places: Mapping[str, Place], check: bool) -> bool:
        """Whether these arrays are there; that they are what was written if that is to be checked.

        The file may have lost its end, when the power failed, and others may have been written there since.
        """
        return all(place.start + _bytes(place) <= self._room for place in places.values()) and not (
            check and any(self._differs(place) for place in places.values())
        )

    def _differs(self, place: Place) -> bool:
        if place.checksum is None or self._file is None:
            return False
        found = 0
        for piece in _pieces(self._file.fileno(), place):
            found = zlib.crc32(piece, found)
        return found != place.checksum


def _pieces(file: int, place: Place) -> Iterator[bytes]:
    """The bytes of an array: systems do not read any number of them at once.

    Yields:
        Pieces of it, in order; fewer bytes than it has if the file ends before.
    """
    start, end = place.start, place.start + _bytes(place)
    while start < end and (piece := os.pread(file, min(end - start, _AT_ONCE), start)):
        start += len(piece)
        yield piece


def _bytes(place: Place) -> int:
    return int(np.prod(place.shape, dtype=np.int64)) * np.dtype(place.kind).itemsize
