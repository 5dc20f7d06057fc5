"""Products that are kept in a file as they are made, and found there by a run that goes on."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError

Product = Callable[[NDArray], NDArray]
_DIGEST = 16


class Replayed:
    """A product whose images are appended to a file, and read from it while the vectors are the same as before.

    The search is deterministic: a run that goes on asks for the same products in the same order. From the first vector
    that differs on, the file is written anew.

    Attributes:
        found: how many products were read instead of made.

    Raises:
        InputError: if the file cannot be written.
    """

    def __init__(self, product: Product, size: int, dtype: np.dtype, path: Path, what: bytes) -> None:
        self._product, self._dtype, self._bytes = product, dtype, size * dtype.itemsize
        self._key, self.found = hashlib.sha256(what).digest()[:_DIGEST], 0
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT), "r+b")
        except OSError as error:
            raise InputError(f"{path} must be a file that can be written to: {error.strerror}") from error

    def __call__(self, vector: NDArray) -> NDArray:
        """The image of a vector."""
        digest = hashlib.sha256(self._key + np.ascontiguousarray(vector, self._dtype).tobytes()).digest()[:_DIGEST]
        place = self._file.tell()
        record = self._file.read(_DIGEST + self._bytes)
        if record[:_DIGEST] == digest and len(record) == _DIGEST + self._bytes:
            self.found += 1
            return np.frombuffer(record, self._dtype, offset=_DIGEST).copy()
        image = self._product(vector).astype(self._dtype)
        self._file.seek(place)
        self._file.truncate()
        self._file.write(digest + image.tobytes())
        self._file.flush()
        return image

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
