"""The finished rows of a study, by column, for drawing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.study.store._study import Study


@dataclass(frozen=True)
class Rows:
    """Columns of the cells that finished.

    Attributes:
        columns: by name, all of one length; numbers are floats, NaN where there is none.
    """

    columns: dict[str, NDArray[Any]]

    @classmethod
    def of(cls, study: Study, names: Sequence[str]) -> "Rows":
        """Read some columns.

        Args:
            study: whose table is read.
            names: of parameters, columns, or the seed.
        """
        table = study.table(["status", *dict.fromkeys(names)])
        there = np.array(table.column("status").to_pylist(), object) == "finished"
        return cls(
            {name: _array(table.column(name).to_pylist())[there] for name in table.column_names if name != "status"}
        )

    def where(self, **values: Any) -> "Rows":
        """The rows in which these columns have these values."""
        there = np.ones(len(self), bool)
        for name, value in values.items():
            there &= self.columns[name] == value
        return Rows({name: column[there] for name, column in self.columns.items()})

    def values(self, name: str) -> list[Any]:
        """The different values of a column: numbers in order, others as they come."""
        column = self.columns[name]
        return np.unique(column).tolist() if column.dtype != object else list(dict.fromkeys(column.tolist()))

    def parts(self, names: Sequence[str]) -> "Iterator[tuple[dict[str, Any], Rows]]":
        """The rows for each combination of values of some columns, those that have any.

        Yields:
            The values, and the rows.
        """
        for combination in product(*(self.values(name) for name in names)):
            values = dict(zip(names, combination, strict=True))
            if len(rows := self.where(**values)):
                yield values, rows

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def _array(values: list[Any]) -> NDArray[Any]:
    """Numbers as floats, NaN where there is none; texts, truths and lists as they are."""
    if any(isinstance(value, str | bool | list) for value in values):
        return np.array([str(value) for value in values], object)
    return np.array(values, float)
