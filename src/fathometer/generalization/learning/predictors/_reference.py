"""What is kept beside a certificate, so that new rows can be held against it: rows that certify, digests of others."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from fathometer.data import Split, row_digests
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


@dataclass(frozen=True)
class Reference:
    """Rows to hold new ones against.

    Attributes:
        rows: the first of the held-out rows, whose order is random: at most `MOST` of them.
        training: digests of the rows that the predictor was fitted on, sorted; empty if nobody knows these.
    """

    rows: Float[np.ndarray, "k p"]
    training: NDArray[np.uint64]

    def trained_on(self, x: Float[np.ndarray, "n p"]) -> Bool[np.ndarray, " n"]:
        """Whether a row has all features of one that the predictor was fitted on."""
        return np.isin(row_digests(x), self.training)


def reference_rows(x: Float[np.ndarray, "n p"], split: Split, known: bool) -> Reference:
    """What is kept.

    Args:
        x: features as numbers.
        split: which rows are in which part.
        known: whether the predictor was fitted on the training part.
    """
    training = x[split.part("training")] if known else x[:0]
    return Reference(x[split.part("held_out")[:MOST]], np.unique(row_digests(training)))


def write_reference(path: Path, reference: Reference) -> RowsFile:
    """Write rows, and after them the digests, as arrays of one npy file, in one step."""
    buffer = io.BytesIO()
    for array in (np.ascontiguousarray(reference.rows, "<f8"), reference.training.astype("<u8")):
        np.save(buffer, array, allow_pickle=False)
    write_bytes(path, buffer.getvalue())
    return RowsFile(path.name, len(reference.rows), hashlib.sha256(buffer.getvalue()).hexdigest())


def load_reference(path: Path, expected: RowsFile) -> Reference:
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
    buffer = io.BytesIO(content)
    rows, training = (np.load(buffer, allow_pickle=False) for _ in range(2))
    if len(rows) != expected.rows:
        raise InputError(f"{path} holds {len(rows)} rows, and the certificate says {expected.rows}")
    return Reference(rows, training)
