"""Named columns in one file: parquet, CSV, JSON or npz, as its name asks for."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.report._files import write_bytes

Columns = Mapping[str, Sequence[Any] | NDArray]


def column_form(path: Path) -> str:
    """The ending of a file of columns, without the dot.

    Raises:
        InputError: if it is not parquet, csv, json or npz.
    """
    form = path.suffix.removeprefix(".")
    if form not in _WRITERS:
        raise InputError(f"a history is kept in a file that ends in .{', .'.join(_WRITERS)}, got {path.name!r}")
    return form


def write_columns(path: Path, columns: Columns, metadata: Mapping[str, str] | None = None) -> None:
    """Write columns of one length in one step. What is unknown (NaN) is null in JSON and empty in CSV.

    Args:
        path: the file; its ending says how.
        columns: by name, of numbers, texts or None.
        metadata: texts by name, kept with a parquet table and nowhere else.

    Raises:
        InputError: if the ending is unknown.
    """
    write_bytes(path, _WRITERS[column_form(path)](columns, metadata or {}))


def parquet_bytes(columns: Columns, metadata: Mapping[str, str]) -> bytes:
    """Columns as a table of parquet.

    Args:
        columns: by name, of one length.
        metadata: texts by name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {name: np.asarray(values) if _is_array(values) else values for name, values in columns.items()}
    table = pa.table(arrays).replace_schema_metadata(dict(metadata))
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def _csv(columns: Columns, _: Mapping[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    shown = [["" if value is None else repr(value) for value in _plain(values)] for values in columns.values()]
    writer.writerows(zip(*shown, strict=True))
    return text.getvalue().encode()


def _json(columns: Columns, _: Mapping[str, str]) -> bytes:
    plain = {name: _plain(values) for name, values in columns.items()}
    return (json.dumps(plain, allow_nan=False) + "\n").encode()


def _npz(columns: Columns, _: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(values) for name, values in columns.items()})  # type: ignore[arg-type]
    return buffer.getvalue()


def _plain(values: Sequence[Any] | NDArray) -> list[Any]:
    """Python's own numbers, None where one is not finite."""
    listed = np.asarray(values).tolist() if _is_array(values) else list(values)
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in listed]


def _is_array(values: Sequence[Any] | NDArray) -> bool:
    return isinstance(values, np.ndarray)


_WRITERS = {"parquet": parquet_bytes, "csv": _csv, "json": _json, "npz": _npz}
