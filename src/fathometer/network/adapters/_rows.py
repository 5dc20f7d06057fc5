"""Rows as they are brought: one array, or a dictionary of arrays with a row for each text or image."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from fathometer.evidence import InputError

CHUNK = 256
"""So many rows go through a network at once."""


def row_count(inputs: Any) -> int:
    """How many rows there are.

    Raises:
        InputError: if there are none, or arrays of a dictionary differ in it.
    """
    lengths = {name: _length(name, values) for name, values in _named(inputs).items()}
    if len(set(lengths.values())) != 1:
        raise InputError(f"a batch must have the same number of rows in each array, got {lengths or 'no array'}")
    rows = next(iter(lengths.values()))
    if not rows:
        raise InputError("there must be at least one row, got none")
    return rows


def chunks(inputs: Any, size: int = CHUNK) -> Iterator[tuple[Any, int]]:
    """Parts of the rows, one after another.

    Yields:
        A part, of the kind that was brought, and how many rows it has.
    """
    rows = row_count(inputs)
    for start in range(0, rows, size):
        part = slice(start, start + size)
        if isinstance(inputs, Mapping):
            yield {name: values[part] for name, values in inputs.items()}, min(size, rows - start)
        else:
            yield as_array(inputs)[part], min(size, rows - start)


def as_array(values: Any) -> Any:
    """An array as it is, of any framework; lists become NumPy's."""
    return values if hasattr(values, "shape") else np.asarray(values)


def _named(inputs: Any) -> Mapping[str, Any]:
    return inputs if isinstance(inputs, Mapping) else {"inputs": inputs}


def _length(name: str, values: Any) -> int:
    shape = as_array(values).shape
    if not shape:
        raise InputError(f"{name} must be an array with a row for each input, got a single value")
    return int(shape[0])
