"""Features as given, as a data frame for pipelines that select columns by name."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data.mixed._encoding import NUMBER, Encoding
from fathometer.data.mixed._settled import is_declared
from fathometer.evidence import InputError


def kept_as_given(columns: Mapping[str, Any], encoding: Encoding) -> dict[str, Any]:
    """Return the columns without those of numbers, which the matrix holds: None in their place."""
    numbers = {column.name for column in encoding.columns if column.kind == NUMBER}
    return {name: None if name in numbers else values for name, values in columns.items()}


def frame(features: NDArray[np.float64], names: Sequence[str], given: Mapping[str, Any]) -> Any:
    """Return a pandas DataFrame of the columns as given.

    Args:
        features: shape (rows, columns).
        names: one for each column.
        given: settled columns by name, None for those that the matrix holds; empty if it holds all of them.

    Raises:
        InputError: if pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise InputError("a data frame needs pandas: pip install 'fathometer[frames]'") from error
    place = {name: k for k, name in enumerate(names)}
    columns = given or dict.fromkeys(names)
    series = {name: features[:, place[name]] if values is None else _cells(values) for name, values in columns.items()}
    return pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in series.items()})


def _cells(column: Any) -> NDArray:
    """The cells of a settled column: dates as datetime64, everything else as objects."""
    plain = column.cast(column.type.value_type) if is_declared(column) else column
    values = plain.to_numpy()
    units = {"M": "M8[us]", "m": "m8[us]"}
    return values.astype(units.get(values.dtype.kind, object))
