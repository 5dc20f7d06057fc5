"""Columns of a mixed table as float64 numbers, by rules that look at no other row."""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data._csv import is_number
from fathometer.data.mixed._kernels import kernels
from fathometer.data.mixed._settled import as_text, is_declared, is_numeric, is_temporal, is_text
from fathometer.evidence import InputError, real_array

MICROSECONDS = 86_400_000_000
"""In a day."""

BETWEEN_WORDS = r"[^\p{L}\p{N}_]+"
"""What parts words: everything but letters, digits and the low line."""


def as_numbers(name: str, column: Any) -> NDArray[np.float64]:
    """Return the numbers of a settled column, NaN where they are missing: shape (rows,).

    Raises:
        InputError: if a cell is no number, infinite, or does not fit into float64; rows are counted from 1.
    """
    if not is_numeric(column):
        raise InputError(f"{name} holds numbers, got {_first_other(column, is_number)}")
    numbers = _with_gaps(name, column)
    infinite = np.flatnonzero(np.isinf(numbers))
    if infinite.size:
        raise InputError(f"{name} has an infinite value in row {infinite[0] + 1}")
    return numbers


def as_days(name: str, column: Any) -> NDArray[np.float64]:
    """Return days since 1970-01-01, or days for times and durations, NaN where they are missing: shape (rows,).

    Raises:
        InputError: if a cell is no date.
    """
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_null(kind):
        return np.full(len(column), np.nan)
    if not is_temporal(column):
        raise InputError(f"{name} holds dates, got {_first_other(column, is_date)}: write them as 2020-01-31")
    units = ((types.is_date, "timestamp"), (types.is_timestamp, "timestamp"), (types.is_time, "time64"))
    unit = next((getattr(pa, form) for test, form in units if test(kind)), pa.duration)
    zone = {"tz": kind.tz} if types.is_timestamp(kind) and kind.tz else {}
    counts = column.cast(unit("us", **zone), safe=False).cast(pa.int64())
    return _with_gaps(name, counts, exact=False) / MICROSECONDS


def as_codes(name: str, column: Any, categories: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the place of each cell among the categories, NaN for a missing or unknown one: shape (rows,).

    Args:
        name: what messages call the column.
        column: in Arrow.
        categories: sorted.

    Raises:
        InputError: if the cells have no form as text.
    """
    import pyarrow as pa

    text = as_text(name, column)
    places = kernels().index_in(text, value_set=pa.array(categories, text.type))
    return places.cast(pa.float64()).to_numpy()


def as_word_counts(name: str, column: Any, width: int) -> NDArray[np.float64]:
    """Return log(1 + count) of the lower-cased words by CRC-32 modulo the width; 0 for missing text: (rows, width).

    Args:
        name: what messages call the column.
        column: in Arrow.
        width: number of counts.

    Raises:
        InputError: if the cells have no form as text.
    """
    lists = kernels().split_pattern_regex(kernels().utf8_lower(as_text(name, column)), BETWEEN_WORDS)
    counts = np.zeros((len(column), width))
    first = 0
    for chunk in lists.chunks:
        words = chunk.flatten().dictionary_encode()
        bucket = np.array([zlib.crc32(word.encode()) % width if word else -1 for word in words.dictionary.to_pylist()])
        rows = first + chunk.value_parent_indices().to_numpy() if len(words) else np.empty(0, int)
        places = bucket[words.indices.to_numpy()] if len(words) else np.empty(0, int)
        np.add.at(counts, (rows[places >= 0], places[places >= 0]), 1.0)
        first += len(chunk)
    return np.log1p(counts, out=counts)


def _with_gaps(name: str, column: Any, exact: bool = True) -> NDArray[np.float64]:
    """Numbers of an Arrow column with NaN for nulls; with exact, whole numbers that float64 cannot hold are refused."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_null(column.type):
        return np.full(len(column), np.nan)
    if types.is_decimal(column.type):
        return real_array(name, column.to_numpy())
    missing = column.is_null().to_numpy()
    filled = column.fill_null(pa.scalar(0).cast(column.type)) if column.null_count else column
    numbers = real_array(name, filled.to_numpy()) if exact else filled.to_numpy().astype(np.float64)
    numbers[missing] = np.nan
    return numbers


def is_date(text: str) -> bool:
    """Whether a cell is a date, with a time or without, as ISO 8601 has it."""
    import pyarrow as pa

    kind = pa.timestamp("us", "UTC" if text.endswith("Z") else None)
    try:
        pa.array([text]).cast(kind)
    except pa.ArrowException:
        return False
    return True


def _first_other(column: Any, fits: Callable[[str], bool]) -> str:
    """The first cell that is neither missing nor fits, and where it is."""
    if is_text(column) or is_declared(column):
        cells = as_text("", column).to_pylist()
        row = next((row for row, cell in enumerate(cells) if cell is not None and not fits(cell)), None)
        if row is not None:
            return f"{' '.join(cells[row].split())[:40]!r} in row {row + 1}"
    return f"values of type {column.type}"
