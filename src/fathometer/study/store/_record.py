"""Outcomes as lines of a journal, each with a checksum, and back."""

import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fathometer.study._computation import Scalar
from fathometer.study.engines._engine import Outcome


class Place(NamedTuple):
    """Where an array is in the file of arrays.

    Attributes:
        start: its first byte.
        kind: its type, as NumPy writes it.
        shape: of the array.
        checksum: of its bytes; None in journals that had none yet.
    """

    start: int
    kind: str
    shape: tuple[int, ...]
    checksum: int | None = None


Judged = tuple[str, str, float | None, str]
"""Theorem, status, margin and explanation of a verdict."""

_INFINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True)
class Entry:
    """What the journal has of one cell.

    Attributes:
        cell: its address.
        values: by column; None if the cell failed.
        verdicts: that the computation gave.
        arrays: where they are.
        error: one line; empty if it did not fail.
        traceback: of the failure.
        seconds: that it took.
        machine: host and process.
    """

    cell: str
    values: Mapping[str, Scalar] | None
    verdicts: tuple[Judged, ...]
    arrays: Mapping[str, Place]
    error: str
    traceback: str
    seconds: float
    machine: str


def line_of(outcome: Outcome, arrays: Mapping[str, Place]) -> bytes:
    """Write an outcome as one line.

    Args:
        outcome: of a cell.
        arrays: where its arrays are.
    """
    computed = outcome.computed
    document: dict[str, Any] = {"cell": outcome.cell.address, "seconds": outcome.seconds, "machine": outcome.machine}
    if computed is None:
        document |= {"error": outcome.error, "traceback": outcome.traceback}
    else:
        document["values"] = {name: _told(value) for name, value in computed.values.items()}
        verdicts = [(v.theorem, str(v.status), _told(v.margin), v.explanation) for v in computed.verdicts]
        document |= ({"verdicts": verdicts} if verdicts else {}) | ({"arrays": arrays} if arrays else {})
    text = json.dumps(document, allow_nan=False, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def entries_of(data: bytes) -> Iterator[Entry]:
    """Read lines; what is torn or damaged is as if it had not been written.

    Yields:
        The entry of each whole line.
    """
    for line in data.split(b"\n")[:-1]:
        if (document := _document(line)) is not None:
            yield _entry(document)


def _document(line: bytes) -> dict[str, Any] | None:
    try:
        return json.loads(line[9:]) if int(line[:8], 16) == zlib.crc32(line[9:]) else None
    except ValueError:
        return None


def _entry(document: Mapping[str, Any]) -> Entry:
    values = document.get("values")
    return Entry(
        document["cell"],
        values,
        tuple((theorem, status, _read(margin), why) for theorem, status, margin, why in document.get("verdicts", ())),
        {name: _place(*place) for name, place in document.get("arrays", {}).items()},
        document.get("error", ""),
        document.get("traceback", ""),
        document["seconds"],
        document["machine"],
    )


def _place(start: int, kind: str, shape: list[int], checksum: int | None = None) -> Place:
    return Place(start, kind, tuple(shape), checksum)


def number_of(value: Any) -> Any:
    """A value of a column of numbers as it was: what is not finite is kept as a word."""
    return _read(value)


def _told(value: Any) -> Any:
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _read(value: Any) -> Any:
    return _INFINITE[value] if isinstance(value, str) else value
