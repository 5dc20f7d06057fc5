"""Single arrays, such as a cloud of tokens, from npy, npz, csv and parquet files and from stored runs."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.data._columns import numbers
from fathometer.data._sources import read_columns
from fathometer.data.arrays._archives import read_plain
from fathometer.data.arrays._stored_runs import read_stored
from fathometer.evidence import InputError, finite_array

TABLES = (".csv", ".tsv", ".parquet")
STATES = ("points", "hidden")
"""Names under which stored runs and recorded networks have their tokens, layer by layer."""


def load_array(path: Path, ndim: int | None = None) -> NDArray[np.float64]:
    """Read an array of finite real numbers.

    Args:
        path: an npy file; an npz file or a zarr folder with one array that fits, or else with one that is called
            "points" or "hidden", the last state of which is taken if it has one dimension more; or a csv, tsv or
            parquet file, whose columns are those of the array.
        ndim: the number of dimensions that is required, or None for any.

    Raises:
        InputError: if there is no such file, it is of another kind, or its array does not fit; see
            `fathometer.evidence.real_array` for what is a number.
    """
    suffix = path.suffix.lower()
    if suffix in TABLES:
        return _from_table(path, ndim)
    content = read_stored(path) if suffix == ".zarr" else read_plain(path, "an npy file of numbers")
    array = content if isinstance(content, np.ndarray) else _chosen(path, content, ndim)
    return finite_array(str(path), array, ndim)


def _chosen(path: Path, arrays: Mapping[str, NDArray], ndim: int | None) -> NDArray:
    """The array of an archive that is meant.

    Raises:
        InputError: if that is not clear.
    """
    fitting = [name for name, array in arrays.items() if ndim in (None, array.ndim)]
    states = [name for name in STATES if name in arrays]
    if len(fitting) == 1 and not states:
        return arrays[fitting[0]]
    if states and arrays[states[0]].ndim == ndim:
        return arrays[states[0]]
    if states and ndim is not None and arrays[states[0]].ndim == ndim + 1 and len(arrays[states[0]]):
        return arrays[states[0]][-1]
    wanted = "array" if ndim is None else f"array with {ndim} dimension{'s' if ndim > 1 else ''}"
    raise InputError(
        f"{path} must hold one {wanted}, or one called {' or '.join(map(repr, STATES))}; arrays: "
        + ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
    )


def _from_table(path: Path, ndim: int | None) -> NDArray[np.float64]:
    """Columns of a table side by side; a single one as a vector where that is required.

    Raises:
        InputError: if another number of dimensions is required.
    """
    columns, _ = read_columns(str(path))
    table = np.column_stack([numbers(f"column {name!r} of {path}", values) for name, values in columns.items()])
    if ndim == 1 and table.shape[1] == 1:
        return table[:, 0]
    if ndim in (None, 2):
        return table
    raise InputError(
        f"{path} must hold {'one column' if ndim == 1 else f'{ndim} dimensions'}, got {table.shape[1]} columns"
    )
