"""Columns of a mixed table in Arrow, each settled into the simplest type that holds all of its cells."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from fathometer.data.mixed._kernels import kernels
from fathometer.evidence import InputError, real_array

MISSING = (
    *("", "?", "NA", "N/A", "n/a", "#NA", "#N/A", "#N/A N/A", "NaN", "nan", "-NaN", "-nan", "NULL", "null"),
    *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
"""Cells of text that stand for a missing value, blanks around them left out."""


def settled(name: str, values: Any) -> Any:
    """Return a column with missing values as nulls, and text that is all numbers, truth or ISO dates as these.

    A column that is declared to hold categories (Arrow's dictionaries, pandas' categories) keeps its cells as text.

    Args:
        name: what messages call it.
        values: an Arrow column, an array or a sequence, shape (rows,).

    Raises:
        InputError: if it has no such type.
    """
    column = as_arrow(name, values)
    if is_declared(column):
        return _as_dictionary(as_text(name, column))
    return _narrowed(_trimmed(column)) if is_text(column) else _without_nan(column)


def as_arrow(name: str, values: Any) -> Any:
    """Return the values as an Arrow column in chunks; numbers of NumPy become float64 as `real_array` reads them.

    Raises:
        InputError: if they are of no type that a column can have.
    """
    import pyarrow as pa

    if isinstance(values, pa.ChunkedArray):
        return values
    if isinstance(values, str | bytes | Mapping) or getattr(values, "ndim", 1) != 1 or not hasattr(values, "__len__"):
        raise InputError(f"{name} must be a column of values, shape (rows,), got {type(values).__name__}")
    kind = values.dtype.kind if isinstance(values, np.ndarray) else ""
    if kind in ("b", "i", "u", "f", "c", "V"):
        return pa.chunked_array([pa.array(real_array(name, values))])
    days = values.astype("M8[us]" if kind == "M" else "m8[us]") if kind in ("M", "m") else values
    try:
        column = pa.array(days, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        column = pa.array(_written(name, values, error))
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def _written(name: str, values: Iterable[Any], error: Exception) -> list[str | None]:
    """Numbers beside text, as text.

    Raises:
        InputError: if there are other objects.
    """
    if not all(cell is None or isinstance(cell, str | Real) for cell in values):
        raise InputError(f"{name} must hold numbers, text or dates: {str(error).splitlines()[0]}") from error
    return [None if cell is None or cell != cell else str(cell) for cell in values]


def is_text(column: Any) -> bool:
    """Whether the cells are text."""
    from pyarrow import types

    return any(test(column.type) for test in (types.is_string, types.is_large_string, types.is_string_view))


def is_declared(column: Any) -> bool:
    """Whether the column is declared to hold categories."""
    from pyarrow import types

    return types.is_dictionary(column.type)


def is_temporal(column: Any) -> bool:
    """Whether the cells are dates, times or durations."""
    from pyarrow import types

    return types.is_temporal(column.type)


def is_numeric(column: Any) -> bool:
    """Whether the cells are numbers or true and false, or nothing at all."""
    from pyarrow import types

    tests = (types.is_boolean, types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    return any(test(column.type) for test in tests)


def as_text(name: str, column: Any) -> Any:
    """Return the cells as text without blanks around it, whole numbers without a point, missing ones as nulls.

    Raises:
        InputError: if the cells have no form as text, as lists have none.
    """
    import pyarrow as pa
    from pyarrow import types

    if is_declared(column):
        column = column.cast(column.type.value_type)
    if is_text(column):
        return _trimmed(column)
    if types.is_floating(column.type):
        column = _without_nan(column.cast(pa.float64()))
        whole = kernels().all(kernels().equal(kernels().round(column), column)).as_py() is not False
        small = (kernels().max(kernels().abs(column)).as_py() or 0) <= 2**53
        column = column.cast(pa.int64()) if whole and small else column
    try:
        return column.cast(pa.string())
    except pa.ArrowException as error:
        raise InputError(f"{name} is of type {column.type}: give numbers, text or dates") from error


def _as_dictionary(column: Any) -> Any:
    return column.dictionary_encode()


def _trimmed(column: Any) -> Any:
    """Text without blanks around it, with nulls for what stands for a missing value."""
    import pyarrow as pa

    plain = column.cast(pa.large_string() if column.type == pa.large_string() else pa.string())
    cells = kernels().utf8_trim_whitespace(plain)
    absent = kernels().is_in(cells, value_set=pa.array(MISSING, cells.type))
    return kernels().if_else(absent, pa.scalar(None, cells.type), cells)


def _narrowed(column: Any) -> Any:
    """Text as numbers, truth or dates if all of its cells are."""
    import pyarrow as pa

    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column))])
    for kind in (pa.float64(), pa.bool_(), pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return column.cast(kind)
        except pa.ArrowException:
            continue
    return column


def _without_nan(column: Any) -> Any:
    """Floating-point numbers with nulls in the place of NaN; other columns as they are."""
    import pyarrow as pa
    from pyarrow import types

    if not types.is_floating(column.type):
        return column
    gaps = kernels().is_nan(column)
    return kernels().if_else(gaps, pa.scalar(None, column.type), column) if kernels().any(gaps).as_py() else column
