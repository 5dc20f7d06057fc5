"""Tables of numbers from files and from scikit-learn's built-in sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data._archives import read_archive
from fathometer.data._columns import labels as label_column, numbers as number_column
from fathometer.data._csv import read_csv
from fathometer.data._idx import is_mnist, load_mnist
from fathometer.data._names import require_names
from fathometer.evidence import InputError

BUILT_IN = ("breast_cancer", "diabetes", "digits", "iris", "wine")
FORMS = "F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR"
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
        recognised: name of the published set that the values are, as their digests say; empty if there is none.
        groups: shape (rows,), the group of each row, in labels as given; None if no column names one.
    """

    features: NDArray[np.float64]
    target: NDArray
    feature_names: tuple[str, ...]
    target_name: str
    source: str
    test_rows: int = 0
    recognised: str = ""
    groups: NDArray | None = None

    def standardized(self) -> "Table":
        """Centre every column and the target, and scale them to unit variance.

        Raises:
            InputError: if a column is constant.
        """
        names = (*self.feature_names, self.target_name)
        columns = np.column_stack([self.features, self.target])
        columns = np.ldexp(
            columns, -np.frexp(np.abs(columns).max(axis=0))[1]
        )  # exact: squares neither over- nor underflow
        centred = columns - columns.mean(axis=0)
        centred = centred - centred.mean(axis=0)
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

    A CSV file may be separated by commas, semicolons, tabs or bars, and by the first three with decimal commas where
    that is beyond doubt; the source of the table then says so. Booleans are 0 and 1.

    Args:
        source: path of a CSV file with a header line, an npz archive, a Parquet file, `sklearn:NAME`, or `mnist:DIR`
            or `idx:DIR` for a folder with four idx files named as those of MNIST, whose pixels are read into [0, 1] and
            whose target is `label`. In an archive, the array named `target` is the target and all others are features.
        target: name of the target column.
        labels: whether the target holds labels, which may be text, true/false or numbers, and are kept as given.
        group: name of a column that says which rows belong together, in labels; it is no feature.

    Raises:
        InputError: if the source cannot be read, has no such column, no feature, no row, a column without a name, or a
            value that is missing, not finite, or no number: dates, text and categories are refused by name.
    """
    if source.startswith(("mnist:", "idx:")):
        if group is not None:
            raise InputError(f"no column {group!r} in {source}, which has no groups")
        return _images(source, target)
    columns, remark = _built_in(source) if source.startswith("sklearn:") else _from_file(Path(source))
    _require_target(source, target, columns)
    if group is not None and (group == target or group not in columns):
        raise InputError(f"the group must be a column of {source} beside {target!r}, got {group!r}")
    read = label_column if labels else number_column
    y = read(f"column {target!r} of {source}", columns[target])
    groups = None if group is None else label_column(f"column {group!r} of {source}", columns[group])
    features = {name: values for name, values in columns.items() if name not in (target, group)}
    if not features:
        raise InputError(f"{source} has no feature beside the target {target!r}")
    if y.size == 0:
        raise InputError(f"{source} has no rows")
    require_names(source, list(features))
    x = np.column_stack([number_column(f"column {name!r} of {source}", values) for name, values in features.items()])
    return Table(x, y, tuple(features), target, f"{source}, {remark}" if remark else source, groups=groups)


def _require_target(source: str, target: str, columns: Mapping[str, Any]) -> None:
    """Refuse a target that is no column.

    Raises:
        InputError: if there is none of that name; a column that is nearly called so is named.
    """
    if target in columns:
        return
    known = [repr(name) if name != name.strip() else name for name in columns]
    shown = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
    near = next((name for name in columns if name.strip().casefold() == target.strip().casefold()), None)
    hint = ""
    if near is not None:
        hint = f"; there is {near!r}: give it with the same blanks and letters, or mend the file"
    elif f"{target}[0]" in columns:
        hint = f"; array {target!r} has two dimensions: give a target of shape (rows,), or one of its columns"
    elif len(columns) == 1:
        hint = "; a CSV file is parted by ',', ';', tab or '|'"
    raise InputError(f"no column {target!r} in {source}; columns: {shown}{hint}")


def _images(source: str, target: str) -> Table:
    """Training images, then test images, row by row.

    Raises:
        InputError: if the target is another one or the files cannot be read.
    """
    if target != MNIST_TARGET:
        raise InputError(f"no column {target!r} in {source}; the target of MNIST is {MNIST_TARGET!r}")
    form, folder = source.split(":", 1)
    mnist = load_mnist(Path(folder))
    genuine = is_mnist(mnist)
    images = np.concatenate([mnist.train_images, mnist.test_images])
    labels = np.concatenate([mnist.train_labels, mnist.test_labels])
    names = tuple(f"pixel[{row},{column}]" for row in range(images.shape[1]) for column in range(images.shape[2]))
    read_as = source if genuine or form == "idx" else f"idx:{folder}, whose images are not those of MNIST"
    pixels = images.reshape(len(images), -1) / 255
    return Table(pixels, labels, names, target, read_as, len(mnist.test_labels), "mnist" if genuine else "")


def _built_in(source: str) -> tuple[Mapping[str, Any], str]:
    name = source.removeprefix("sklearn:")
    if name not in BUILT_IN:
        raise InputError(f"no scikit-learn set {name!r}; known: {', '.join(BUILT_IN)}")
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [str(feature) for feature in bunch.feature_names]
    return dict(zip(names, bunch.data.T, strict=True)) | {"target": bunch.target}, ""


def _from_file(path: Path) -> tuple[Mapping[str, Any], str]:
    """Columns by name, and what is unusual about the file.

    Raises:
        InputError: if it is of no known form, absent or empty.
    """
    readers = {".csv": _from_csv, ".tsv": _from_csv, ".npz": _from_npz, ".parquet": _from_parquet}
    if path.suffix.lower() not in readers:
        raise InputError(f"data must be {FORMS}, got {str(path)!r}")
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty")
    return readers[path.suffix.lower()](path)


def _from_csv(path: Path) -> tuple[Mapping[str, Any], str]:
    table, remark = read_csv(path)
    return _columns(path, table), remark


def _from_parquet(path: Path) -> tuple[Mapping[str, Any], str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(path).read()
        written_by = table.schema.pandas_metadata or {}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path} is not a Parquet table: {str(error).splitlines()[0]}") from error
    if index := [name for name in written_by.get("index_columns", ()) if name in table.column_names]:
        raise InputError(
            f"column {index[0]!r} of {path} is the index of a data frame: leave it out (pandas: index=False), or"
            " make it a column if it is a feature (reset_index)"
        )
    categories = {part["name"] for part in written_by.get("columns", ()) if part.get("pandas_type") == "categorical"}
    columns = _columns(path, table)
    return {name: _encoded(values) if name in categories else values for name, values in columns.items()}, ""


def _encoded(column: Any) -> Any:
    """A column of categories as such: Parquet keeps those that are numbers as numbers."""
    import pyarrow as pa

    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _columns(path: Path, table: Any) -> Mapping[str, Any]:
    names = [name.strip() for name in table.column_names]
    if repeated := [name for name in names if names.count(name) > 1 and name]:
        raise InputError(f"column {repeated[0]!r} appears twice in {path}")
    return dict(zip(table.column_names, table.columns, strict=True))


def _from_npz(path: Path) -> tuple[Mapping[str, Any], str]:
    columns: dict[str, Any] = {}
    for name, array in read_archive(path).items():
        if array.ndim not in (1, 2):
            raise InputError(f"array {name!r} of {path} must have 1 or 2 dimensions, got shape {array.shape}")
        parts = {name: array} if array.ndim == 1 else {f"{name}[{k}]": column for k, column in enumerate(array.T)}
        if twice := columns.keys() & parts.keys():
            raise InputError(f"{min(twice)!r} of {path} names an array and a column of another: rename one of them")
        columns |= parts
    if len({len(column) for column in columns.values()}) > 1:
        sizes = {name: len(column) for name, column in columns.items()}
        first, other = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
        raise InputError(
            f"arrays of {path} must have the same number of rows, got {sizes[first]} in {first!r} and {sizes[other]} in"
            f" {other!r}"
        )
    return columns, ""
