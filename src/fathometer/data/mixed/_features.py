"""Features of new rows, read by the record of those that a predictor was fitted on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data._sources import read_columns
from fathometer.data._tables import MNIST_TARGET, load_table, read_target
from fathometer.data.mixed._encoding import CATEGORY, TEXT, Encoding
from fathometer.data.mixed._frames import frame, kept_as_given
from fathometer.data.mixed._settled import as_arrow, as_text, settled
from fathometer.evidence import InputError


@dataclass(frozen=True)
class Features:
    """New rows for a predictor, with the target if the file has it.

    Attributes:
        features: shape (rows, columns), NaN where a value is missing or a category is unknown.
        target: shape (rows,); None if the file has no such column.
        feature_names: one for each column.
        source: what they were read from.
        groups: shape (rows,), the group of each row, in labels; None if the file has no such column.
        notes: columns that are ignored, and unknown categories.
        given: columns that are not numbers, by name, in the order of the encoding; None for those that are.
        test_rows: so many rows at the end were published as the test part; 0 if the source knows none.
    """

    features: NDArray[np.float64]
    target: NDArray | None
    feature_names: tuple[str, ...]
    source: str
    groups: NDArray | None = None
    notes: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    test_rows: int = 0

    def frame(self) -> Any:
        """Return the feature columns as given, as `Table.frame` does.

        Raises:
            InputError: if pandas is not installed.
        """
        return frame(self.features, self.feature_names, self.given)


def load_features(
    source: str,
    encoding: Encoding,
    target: str | None = None,
    group: str | None = None,
    labels: bool = True,
    text: bool = False,
) -> Features:
    """Read a file by the encoding of another table.

    Args:
        source: as for `load_table`.
        encoding: says which columns are read, and how; they may stand in any order.
        target: name of the target column, which the file may lack, or hold without a single value.
        group: name of the column of groups, which the file may lack.
        labels: whether the target holds labels, or else numbers.
        text: whether labels of a CSV file are text even if all of them are numbers, as those of the other table were.

    Raises:
        InputError: if the source cannot be read, has no row, lacks a feature, or holds text or dates in the place of
            numbers; if a target or group that is there has a missing value.
    """
    texts = [column.name for column in encoding.columns if column.kind in (CATEGORY, TEXT)]
    columns, remark = _columns(source, [*texts, target] if text and target is not None else texts)
    known = target in columns and not _is_empty(source, columns[target])
    y = read_target(source, target, columns, labels, True) if target is not None and known else None
    groups = None if group not in columns else read_target(source, group, columns, True, True)
    offered = {name: values for name, values in columns.items() if name not in (target, group)}
    columns.clear()
    x, notes = encoding.read(offered, source)
    if len(x) == 0:
        raise InputError(f"{source} has no rows")
    called = f"{source}, {remark}" if remark else source
    return Features(x, y, encoding.names, called, groups, notes, _given(source, encoding, offered))


def _given(source: str, encoding: Encoding, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Settled columns by name, those that the encoding leaves out behind the others, if they are there."""
    names = (*(column.name for column in encoding.columns), *encoding.left_out)
    kept = kept_as_given({name: columns[name] for name in names if name in columns}, encoding)
    worded = {column.name for column in encoding.columns if column.kind in (CATEGORY, TEXT)}
    return {
        name: None if values is None else _as_before(f"column {name!r} of {source}", values, name in worded)
        for name, values in kept.items()
    }


def _as_before(called: str, values: Any, worded: bool) -> Any:
    return as_text(called, as_arrow(called, values)) if worded else settled(called, values)


def _is_empty(source: str, values: Any) -> bool:
    """Whether a column has rows and no value."""
    return len(values) > 0 and settled(source, values).null_count == len(values)


def _columns(source: str, texts: list[str]) -> tuple[dict[str, Any], str]:
    """Columns by name; those of images are their pixels and the label."""
    if not source.startswith(("mnist:", "idx:")):
        return read_columns(source, mixed=True, text=texts)
    table = load_table(source, MNIST_TARGET)
    pixels = dict(zip(table.feature_names, table.features.T, strict=True))
    return pixels | {MNIST_TARGET: table.target}, table.source.removeprefix(source).removeprefix(", ")
