"""Tables of numbers from files and from scikit-learn's built-in sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data._columns import labels as label_column, numbers as number_column
from fathometer.data._idx import is_mnist, load_mnist
from fathometer.data._names import require_names
from fathometer.data._sources import read_columns, require_target
from fathometer.data.mixed._encoding import NUMBER, EncodedColumn, Encoding, encode
from fathometer.data.mixed._frames import frame, kept_as_given
from fathometer.data.mixed._settled import as_text, is_text, settled
from fathometer.evidence import InputError

MNIST_TARGET = "label"


@dataclass(frozen=True)
class Table:
    """Features and a target, one row for each example.

    Attributes:
        features: shape (rows, columns), finite, or NaN where a value of a mixed table is missing.
        target: shape (rows,): finite numbers, or labels as they were given.
        feature_names: one for each column.
        target_name: name of the target.
        source: what it was read from, and what was done to it.
        test_rows: so many rows at the end were published as the test part; 0 if the source knows none.
        recognised: name of the published set that the values are, as their digests say; empty if there is none.
        groups: shape (rows,), the group of each row, in labels as given; None if no column names one.
        encoding: how the columns of a mixed table became numbers; None if the table is read as given.
        notes: what was left out or made of columns of a mixed table.
        given: columns of a mixed table by name, in the order of the file; None for those of numbers.
    """

    features: NDArray[np.float64]
    target: NDArray
    feature_names: tuple[str, ...]
    target_name: str
    source: str
    test_rows: int = 0
    recognised: str = ""
    groups: NDArray | None = None
    encoding: Encoding | None = None
    notes: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def frame(self) -> Any:
        """Return the feature columns as given, those that are left out too, as a pandas DataFrame.

        Numbers and booleans are float64, dates are datetime64, categories and text are objects, None where missing.

        Raises:
            InputError: if pandas is not installed.
        """
        return frame(self.features, self.feature_names, self.given)

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


def load_table(source: str, target: str, labels: bool = False, group: str | None = None, mixed: bool = False) -> Table:
    """Read a table, used as given, or a mixed one as one matrix of numbers.

    A CSV file may be separated by commas, semicolons, tabs or bars, and by the first three with decimal commas where
    that is beyond doubt; the source of the table then says so. Booleans are 0 and 1.

    Args:
        source: path of a CSV file with a header line, an npz archive, a Parquet file, `sklearn:NAME`, or `mnist:DIR`
            or `idx:DIR` for a folder with four idx files named as those of MNIST, whose pixels are read into [0, 1] and
            whose target is `label`. In an archive, the array named `target` is the target and all others are features.
        target: name of the target column.
        labels: whether the target holds labels, which may be text, true/false or numbers, and are kept as given.
        group: name of a column that says which rows belong together, in labels; it is no feature.
        mixed: whether features may also be categories, dates and text, with missing values; the table then says in
            `encoding` how each column became numbers, and in `notes` which are left out.

    Raises:
        InputError: if the source cannot be read, has no such column, no feature, no row, a column without a name, or a
            value that is infinite or no number; unless mixed, also if one is missing: dates, text and categories are
            refused by name. A missing target is refused by its row.
    """
    if source.startswith(("mnist:", "idx:")):
        if group is not None:
            raise InputError(f"no column {group!r} in {source}, which has no groups")
        table = _images(source, target)
        encoding = Encoding(tuple(EncodedColumn(name, NUMBER) for name in table.feature_names))
        return replace(table, encoding=encoding) if mixed else table
    columns, remark = read_columns(source, mixed)
    require_target(source, target, columns)
    if group is not None and (group == target or group not in columns):
        raise InputError(f"the group must be a column of {source} beside {target!r}, got {group!r}")
    y = read_target(source, target, columns, labels, mixed)
    groups = None if group is None else read_target(source, group, columns, True, mixed)
    features = {name: values for name, values in columns.items() if name not in (target, group)}
    columns.clear()
    if not features:
        raise InputError(f"{source} has no feature beside the target {target!r}")
    if y.size == 0:
        raise InputError(f"{source} has no rows")
    require_names(source, list(features))
    called = f"{source}, {remark}" if remark else source
    if mixed:
        return _mixed(source, features, Table(np.empty((len(y), 0)), y, (), target, called, groups=groups))
    return Table(_matrix(source, features, len(y)), y, tuple(features), target, called, groups=groups)


def read_target(source: str, name: str, columns: Mapping[str, Any], labels: bool, mixed: bool) -> NDArray:
    """Return a column as labels or as numbers; those of a mixed table are rid of blanks around them.

    Args:
        source: what messages call the table.
        name: of the column.
        columns: by name.
        labels: whether it holds labels.
        mixed: whether the table is mixed.

    Raises:
        InputError: if a value is missing, or of another kind.
    """
    called, values = f"column {name!r} of {source}", columns[name]
    if mixed and not isinstance(values, np.ndarray) and is_text(values):
        values = as_text(called, values) if labels else settled(called, values)
    return label_column(called, values) if labels else number_column(called, values)


def _matrix(source: str, features: dict[str, Any], rows: int) -> NDArray[np.float64]:
    """Complete columns of numbers as one matrix; each column is let go when it is read."""
    x = np.empty((rows, len(features)))
    for k, name in enumerate(list(features)):
        x[:, k] = number_column(f"column {name!r} of {source}", features[name])
        features[name] = None
    return x


def _mixed(source: str, features: dict[str, Any], table: Table) -> Table:
    """The table with its features as numbers.

    Raises:
        InputError: if all of them are left out.
    """
    for name in features:
        features[name] = settled(f"column {name!r} of {source}", features[name])
    encoding, notes = encode(source, features)
    if not encoding.columns:
        raise InputError(f"{source} has no feature that can be read: {notes[0]}")
    x, _ = encoding.read(features, source)
    given = kept_as_given(features, encoding)
    return replace(table, features=x, feature_names=encoding.names, encoding=encoding, notes=notes, given=given)


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
