"""Some of the rows that certify, kept beside a certificate so that new rows can be held against them."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record
from fathometer.report import write_bytes

MOST = 2000
"""Rows that are kept."""


@dataclass(frozen=True, eq=False)
class RowsFile(Record):
    """A file of rows.

    Attributes:
        name: of the file, in the folder of the certificate.
        rows: how many.
        sha256: of the file.
    """

    name: str
    rows: int
    sha256: str


def reference_rows(x: Float[np.ndarray, "n p"], held_out: NDArray[np.int64]) -> Float[np.ndarray, "k p"]:
    """The first of the held-out rows, whose order is random: at most `MOST` of them.

    Args:
        x: features as numbers.
        held_out: shape (n,), numbers of the rows that certify.
    """
    return x[held_out[:MOST]]


def write_reference(path: Path, rows: Float[np.ndarray, "k p"]) -> RowsFile:
    """Write rows as an npy file, in one step."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(rows, "<f8"), allow_pickle=False)
    write_bytes(path, buffer.getvalue())
    return RowsFile(path.name, len(rows), hashlib.sha256(buffer.getvalue()).hexdigest())


def load_reference(path: Path, expected: RowsFile) -> Float[np.ndarray, "k p"]:
    """Read rows that were written with a certificate.

    Raises:
        InputError: if the file is absent or another one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != expected.sha256:
        raise InputError(f"{path} does not hold the rows of this certificate: its SHA-256 is another one")
    rows = np.load(io.BytesIO(content), allow_pickle=False)
    if len(rows) != expected.rows:
        raise InputError(f"{path} holds {len(rows)} rows, and the certificate says {expected.rows}")
    return rows
