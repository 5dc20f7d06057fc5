"""How the columns of a table became one matrix of numbers, kept so that new rows become numbers in the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data.mixed._codes import as_codes, as_days, as_numbers, as_word_counts
from fathometer.data.mixed._kernels import kernels
from fathometer.data.mixed._settled import as_arrow, as_text, is_declared, is_numeric, is_temporal, is_text, settled
from fathometer.evidence import InputError, Record

NUMBER, CATEGORY, DATE, TEXT = "number", "category", "date", "text"
KINDS = (NUMBER, CATEGORY, DATE, TEXT)

MOST_CATEGORIES = 255
FEW = 20
"""So many different values are categories, however few rows there are."""

WIDTH = 128
"""Columns of hashed words."""


@dataclass(frozen=True, eq=False)
class EncodedColumn(Record):
    """How one column of a table is read.

    Attributes:
        name: of the column.
        kind: number (true and false are 1 and 0), category (place among the sorted categories), date (days since
            1970-01-01) or text (log(1 + count) of its words, hashed).
        width: number of columns of float64 that it becomes.
        categories: sorted, for the kind category.
        complete: whether the rows that the record was made from have no missing value.
    """

    name: str
    kind: str
    width: int = 1
    categories: tuple[str, ...] = ()
    complete: bool = True

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"kind of column {self.name!r} must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.width < 1 or (self.width > 1 and self.kind != TEXT):
            raise InputError(f"column {self.name!r} of kind {self.kind} cannot have width {self.width}")
        if self.categories != tuple(sorted(set(self.categories))):
            raise InputError(f"categories of column {self.name!r} must be sorted, each once")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the float64 columns."""
        return tuple(f"{self.name}[{k}]" for k in range(self.width)) if self.kind == TEXT else (self.name,)

    def read(self, called: str, values: Any) -> NDArray[np.float64]:
        """Return the numbers of new values: shape (rows,), or (rows, width) for text.

        Args:
            called: what messages call the column.
            values: an Arrow column, an array or a sequence.

        Raises:
            InputError: if they are not of this kind.
        """
        column = settled(called, values) if self.kind in (NUMBER, DATE) else as_text(called, as_arrow(called, values))
        if self.kind == CATEGORY:
            return as_codes(called, column, self.categories)
        if self.kind == TEXT:
            return as_word_counts(called, column, self.width)
        return as_numbers(called, column) if self.kind == NUMBER else as_days(called, column)


@dataclass(frozen=True, eq=False)
class Encoding(Record):
    """How a table of numbers, categories, dates and text becomes a float64 matrix, NaN where a value is missing.

    A category is the place of its text in the sorted vocabulary of the file, which renames and learns nothing; one that
    the vocabulary lacks is missing. Text has no missing values: it has no words.

    Attributes:
        columns: in the order of the file.
        left_out: columns of the file that are no features: identifiers, and columns without a value.
    """

    columns: tuple[EncodedColumn, ...]
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [*(column.name for column in self.columns), *self.left_out]
        if len(set(names)) < len(names):
            raise InputError(f"an encoding must name each column once, got {_listed(names)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the float64 columns."""
        return tuple(name for column in self.columns for name in column.names)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kind of each float64 column, number or category; dates and counts of words are numbers."""
        kinds = ((CATEGORY if column.kind == CATEGORY else NUMBER, column.width) for column in self.columns)
        return tuple(kind for kind, width in kinds for _ in range(width))

    @property
    def plain(self) -> bool:
        """Whether every column is a complete column of numbers, so that the matrix is the table as given."""
        return not self.left_out and all(column.kind == NUMBER and column.complete for column in self.columns)

    def apply(self, columns: Mapping[str, Any]) -> NDArray[np.float64]:
        """Return new rows as numbers: shape (rows, columns), NaN where a value is missing.

        Args:
            columns: values by name, in any order, as Arrow columns, arrays or sequences; a data frame will do.

        Raises:
            InputError: if a column is missing, of another length, or holds text or dates in the place of numbers.
        """
        return self.read(columns)[0]

    def read(self, columns: Mapping[str, Any], source: str = "the data") -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """Return new rows as `apply` does, and notes on columns that are ignored and on unknown categories.

        Args:
            columns: as for `apply`.
            source: what messages call them.

        Raises:
            InputError: as `apply`.
        """
        self._require(columns, source)
        known = {*self.left_out, *(column.name for column in self.columns)}
        extra = [str(name) for name in columns if name not in known]
        notes = [f"ignored, as no features of the predictor: {_listed(extra)}"] if extra else []
        matrix, place = np.empty((0, 0)), 0
        for column in self.columns:
            called = f"column {column.name!r} of {source}"
            values = as_arrow(called, columns[column.name])
            if place == 0:
                matrix = np.empty((len(values), len(self.names)))
            if len(values) != len(matrix):
                raise InputError(f"{called} must have {len(matrix)} rows as the others, got {len(values)}")
            numbers = column.read(called, values)
            matrix[:, place : place + column.width] = numbers.reshape(len(matrix), column.width)
            notes += _unknown(column, called, values, numbers)
            place += column.width
        return matrix, tuple(notes)

    def _require(self, columns: Mapping[str, Any], source: str) -> None:
        """Refuse what is no table, or lacks a column.

        Raises:
            InputError: if it is, or does; the column is named.
        """
        if not self.columns:
            raise InputError("an encoding without a column reads nothing")
        if not hasattr(columns, "keys"):
            raise InputError(f"{source} must be columns by name or a data frame, got {type(columns).__name__}")
        if absent := [column.name for column in self.columns if column.name not in columns]:
            more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
            raise InputError(f"{source} has no column {absent[0]!r}{more}, which the predictor needs")


def encode(source: str, columns: Mapping[str, Any]) -> tuple[Encoding, tuple[str, ...]]:
    """Decide how columns are read, each by its own cells, and say which are left out.

    Args:
        source: what messages call the table.
        columns: settled columns by name.

    Raises:
        InputError: if a column is of no kind.
    """
    decided = {name: _decided(f"column {name!r} of {source}", name, values) for name, values in columns.items()}
    kept = tuple(column for column in decided.values() if isinstance(column, EncodedColumn))
    left_out = {name: reason for name, reason in decided.items() if isinstance(reason, str)}
    hashed = [f"column {column.name!r} is text, read as {WIDTH} counts of words" for column in kept if column.width > 1]
    notes = (*(f"column {name!r} is left out: {reason}" for name, reason in left_out.items()), *hashed)
    return Encoding(kept, tuple(left_out)), notes


def _decided(called: str, name: str, column: Any) -> EncodedColumn | str:
    """How a settled column is read, or why it is left out.

    Raises:
        InputError: if it is of no kind.
    """
    complete = column.null_count == 0
    if len(column) and column.null_count == len(column):
        return "it has no value"
    if is_text(column) or is_declared(column):
        return _decided_text(called, name, column, complete)
    if is_temporal(column):
        return EncodedColumn(name, DATE, complete=complete)
    if is_numeric(column):
        return EncodedColumn(name, NUMBER, complete=complete)
    raise InputError(f"{called} is of type {column.type}: give numbers, text, dates or categories")


def _decided_text(called: str, name: str, column: Any, complete: bool) -> EncodedColumn | str:
    """A category, words or an identifier, by how many different values there are and whether they hold blanks."""
    cells = as_text(called, column)
    filled = len(cells) - cells.null_count
    count = kernels().count_distinct(cells).as_py()
    words = bool(kernels().any(kernels().match_substring_regex(cells, r"\s")).as_py())
    if is_declared(column) and count <= MOST_CATEGORIES:
        return EncodedColumn(name, CATEGORY, categories=_vocabulary(cells), complete=complete)
    if count == filled and not words:
        return "its values are text without blanks and all different, as identifiers are"
    if count <= max(FEW, min(MOST_CATEGORIES, filled // 2)):
        return EncodedColumn(name, CATEGORY, categories=_vocabulary(cells), complete=complete)
    return EncodedColumn(name, TEXT, WIDTH, complete=complete)


def _vocabulary(cells: Any) -> tuple[str, ...]:
    return tuple(sorted(value for value in cells.unique().to_pylist() if value is not None))


def _unknown(column: EncodedColumn, called: str, values: Any, numbers: NDArray[np.float64]) -> list[str]:
    """A note on categories that the vocabulary lacks, if there are any."""
    if column.kind != CATEGORY or not np.any(gaps := np.isnan(numbers)):
        return []
    count = int(gaps.sum()) - as_text(called, values).null_count
    return [f"{called}: categories that the predictor does not know, read as missing; rows: {count}"] * (count > 0)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
