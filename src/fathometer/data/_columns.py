"""One column of a table, from Arrow or NumPy, as numbers or as labels."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data._csv import DECIMAL_COMMA, THOUSANDS, is_number
from fathometer.data.mixed._kernels import kernels
from fathometer.evidence import InputError, label_array, real_array


def numbers(name: str, values: Any) -> NDArray[np.float64]:
    """Read a column as finite numbers.

    Args:
        name: what the message calls it.
        values: an Arrow column or an array, shape (rows,).

    Raises:
        InputError: if it holds no numbers, or one is missing, infinite or does not fit into float64; rows are counted
            from 1.
    """
    given = values if isinstance(values, np.ndarray) else _from_arrow(name, values)
    array = real_array(name, given)
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise InputError(f"{name} has a missing or infinite value in row {bad[0] + 1}")
    return array


def labels(name: str, values: Any) -> NDArray:
    """Read a column as labels, kept as given; those of a dictionary are written out.

    Args:
        name: what the message calls it.
        values: an Arrow column or an array, shape (rows,).

    Raises:
        InputError: if one is missing, or they are not text, true/false or finite numbers.
    """
    import pyarrow as pa

    if isinstance(values, np.ndarray):
        return label_array(name, values)
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _texts(name, values.cast(kind))
    return label_array(name, values.cast(kind).to_numpy())


def _texts(name: str, column: Any) -> NDArray:
    """Labels that are text, each different one looked at once.

    Raises:
        InputError: if one is missing.
    """
    different = column.unique()
    if column.null_count or "" in (values := different.to_pylist()):
        return label_array(name, column.to_numpy())
    if not values:
        return np.empty(0, str)
    places = kernels().index_in(column, value_set=different).to_numpy()
    return label_array(name, different.to_numpy(zero_copy_only=False))[places]


def _from_arrow(name: str, column: Any) -> NDArray:
    """The values of an Arrow column of numbers.

    Raises:
        InputError: if it is of another kind, or has a null.
    """
    from pyarrow import types

    kind = column.type
    if types.is_temporal(kind):
        raise InputError(
            f"{name} holds dates, times or durations ({kind}) and is not numeric: give numbers in a unit that you"
            " choose, such as days since a first day, or leave it out"
        )
    if types.is_dictionary(kind):
        raise InputError(
            f"{name} holds categories and is not numeric: give numbers, such as one column of 0 and 1 for each"
        )
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        raise InputError(f"{name} is not numeric: {_text(column.to_pylist())}")
    if column.null_count:
        row = column.is_null().to_pylist().index(True)
        raise InputError(f"{name} has a missing or infinite value in row {row + 1}")
    if types.is_null(kind):
        return np.empty(0)
    if not any(test(kind) for test in (types.is_boolean, types.is_integer, types.is_floating, types.is_decimal)):
        raise InputError(f"{name} is not numeric, it is of type {kind}: give numbers")
    return column.to_numpy()


def _text(cells: list[str | None]) -> str:
    """The first cell that is no number, where it is, and what it may be meant for."""
    row = next((row for row, cell in enumerate(cells) if cell and not is_number(cell)), None)
    if row is None:
        return "its numbers are stored as text, or some are missing; store numbers"
    cell = str(cells[row])
    hint = ""
    if re.match(THOUSANDS, cell):
        hint = ", which may have commas that part thousands: leave them out"
    elif re.match(DECIMAL_COMMA, cell):
        hint = ", which may have a decimal comma: write a point"
    return f"{cell[:40]!r} in row {row + 1}{hint}"
