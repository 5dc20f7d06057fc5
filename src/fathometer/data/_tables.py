"""Tables of numbers from files and from scikit-learn's built-in sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data._idx import load_mnist
from fathometer.evidence import InputError

BUILT_IN = ("breast_cancer", "diabetes", "digits", "iris", "wine")
FORMS = "F.csv, F.npz, F.parquet, sklearn:NAME or mnist:DIR"
MNIST_TARGET = "label"


@dataclass(frozen=True)
class Table:
    """Features and a target, one row for each example.

    Attributes:
        features: shape (rows, columns), finite.
        target: shape (rows,): finite numbers, or labels as they were given.
        feature_names: one for each column.
        target_name: name of the target.
        source: what it was read from, and what was done to it.
        test_rows: so many rows at the end were published as the test part; 0 if the source knows none.
        groups: shape (rows,), the group of each row, in labels as given; None if no column names one.
    """

    features: NDArray[np.float64]
    target: NDArray
    feature_names: tuple[str, ...]
    target_name: str
    source: str
    test_rows: int = 0
    groups: NDArray | None = None

    def standardized(self) -> "Table":
        """Centre every column and the target, and scale them to unit variance.

        Raises:
            InputError: if a column is constant.
        """
        names = (*self.feature_names, self.target_name)
        columns = np.column_stack([self.features, self.target])
        centred = columns - columns.mean(axis=0)
        scale = np.sqrt(np.mean(centred**2, axis=0))
        constant = np.flatnonzero(scale <= 1e-12 * np.abs(columns).max(axis=0))
        if constant.size:
            raise InputError(f"column {names[constant[0]]!r} of {self.source} is constant and cannot be standardized")
        scaled = centred / scale
        return Table(
            scaled[:, :-1], scaled[:, -1], self.feature_names, self.target_name, f"{self.source}, standardized"
        )


def load_table(source: str, target: str, labels: bool = False, group: str | None = None) -> Table:
    """Read a table, used as given.

    Args:
        source: path of a CSV file with a header line, an npz archive, a Parquet file, `sklearn:NAME`, or `mnist:DIR`
            for a folder with the four idx files, whose pixels are read into [0, 1] and whose target is `label`. In an
            archive, the array named `target` is the target and all others are features.
        target: name of the target column.
        labels: whether the target holds labels, which may be text, true/false or numbers, and are kept as given.
        group: name of a column that says which rows belong together, in labels; it is no feature.

    Raises:
        InputError: if the source cannot be read, has no such column, no feature, no row, or a value that is missing or
            not finite.
    """
    if source.startswith("mnist:"):
        if group is not None:
            raise InputError(f"no column {group!r} in {source}, which has no groups")
        return _mnist(source, target)
    columns = _built_in(source) if source.startswith("sklearn:") else _from_file(Path(source))
    if target not in columns:
        raise InputError(f"no column {target!r} in {source}; columns: {', '.join(columns)}")
    if group is not None and (group == target or group not in columns):
        raise InputError(f"the group must be a column of {source} beside {target!r}, got {group!r}")
    read = _labels if labels else _numbers
    y = read(source, target, columns[target])
    groups = None if group is None else _labels(source, group, columns[group])
    numbers = {name: _numbers(source, name, values) for name, values in columns.items() if name not in (target, group)}
    if not numbers:
        raise InputError(f"{source} has no feature beside the target {target!r}")
    if y.size == 0:
        raise InputError(f"{source} has no rows")
    return Table(np.column_stack(list(numbers.values())), y, tuple(numbers), target, source, groups=groups)


def _mnist(source: str, target: str) -> Table:
    """Training images, then test images, row by row.

    Raises:
        InputError: if the target is another one or the files cannot be read.
    """
    if target != MNIST_TARGET:
        raise InputError(f"no column {target!r} in {source}; the target of MNIST is {MNIST_TARGET!r}")
    found = load_mnist(Path(source.removeprefix("mnist:")))
    images = np.concatenate([found.train_images, found.test_images])
    labels = np.concatenate([found.train_labels, found.test_labels])
    names = tuple(f"pixel[{row},{column}]" for row in range(images.shape[1]) for column in range(images.shape[2]))
    return Table(images.reshape(len(images), -1) / 255, labels, names, target, source, len(found.test_labels))


def _built_in(source: str) -> Mapping[str, Any]:
    name = source.removeprefix("sklearn:")
    if name not in BUILT_IN:
        raise InputError(f"no scikit-learn set {name!r}; known: {', '.join(BUILT_IN)}")
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [str(feature) for feature in bunch.feature_names]
    return dict(zip(names, bunch.data.T, strict=True)) | {"target": bunch.target}


def _from_file(path: Path) -> Mapping[str, Any]:
    readers = {".csv": _from_csv, ".npz": _from_npz, ".parquet": _from_parquet}
    if path.suffix not in readers:
        raise InputError(f"data must be {FORMS}, got {str(path)!r}")
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty")
    return readers[path.suffix](path)


def _from_csv(path: Path) -> Mapping[str, Any]:
    import pyarrow as pa
    from pyarrow import csv

    try:
        return _columns(path, csv.read_csv(path))
    except pa.ArrowInvalid as error:
        raise InputError(f"{path} is not a CSV table: {str(error).splitlines()[0]}") from error


def _from_parquet(path: Path) -> Mapping[str, Any]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return _columns(path, parquet.read_table(path))
    except pa.ArrowInvalid as error:
        raise InputError(f"{path} is not a Parquet table: {str(error).splitlines()[0]}") from error


def _columns(path: Path, table: Any) -> Mapping[str, Any]:
    repeated = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if repeated:
        raise InputError(f"column {repeated[0]!r} appears twice in {path}")
    return {name: _plain(column) for name, column in zip(table.column_names, table.columns, strict=True)}


def _plain(column: Any) -> NDArray:
    """Values of an Arrow column; categories of a dictionary column are written out."""
    import pyarrow as pa

    dictionary = pa.types.is_dictionary(column.type)
    return (column.cast(column.type.value_type) if dictionary else column).to_numpy()


def _from_npz(path: Path) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    try:
        with np.load(path) as archive:
            for name in archive.files:
                array = archive[name]
                if array.ndim == 1:
                    columns[name] = array
                elif array.ndim == 2:
                    columns |= {f"{name}[{k}]": column for k, column in enumerate(array.T)}
                else:
                    raise InputError(f"array {name!r} of {path} must have 1 or 2 dimensions, got shape {array.shape}")
    except (ValueError, OSError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is not an npz archive of plain arrays") from error
    if len({len(column) for column in columns.values()}) > 1:
        raise InputError(f"arrays of {path} must have the same number of rows")
    return columns


def _numbers(source: str, name: str, values: Any) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(values).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {name!r} of {source} is not numeric") from error
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise InputError(f"column {name!r} of {source} has a missing or infinite value in row {bad[0] + 1}")
    return numbers


def _labels(source: str, name: str, values: Any) -> NDArray:
    """Labels as given.

    Raises:
        InputError: if one is missing, or they are not text, true/false or finite numbers.
    """
    given = np.asarray(values)
    if given.dtype.kind in "biuf":
        _numbers(source, name, given)
        return given
    missing = np.flatnonzero([not isinstance(label, (str, bool)) or label == "" for label in given.tolist()])
    if missing.size:
        raise InputError(
            f"column {name!r} of {source} has no label (text, true/false or a number) in row {missing[0] + 1}"
        )
    return given.astype(str)
