"""What rows on request need from files: costs of confusions, and the groups of a sensitive column."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from fathometer.data._sources import read_columns
from fathometer.data._tables import read_target
from fathometer.evidence import InputError, finite_number

Costs = tuple[tuple[float, ...], ...]


def read_costs(file: Path | None, classes: Sequence[str]) -> Costs:
    """Read a matrix of costs: a header of class names, and for each class a line that begins with its name.

    The entry in the line of a class and the column of another is what it costs to answer the other for a row of the
    class. Lines and columns may stand in any order.

    Args:
        file: CSV file; None for no costs.
        classes: names of the classes, in their order.

    Raises:
        InputError: if the file cannot be read, a name is unknown, missing or stands there twice, or a cost is no finite
            number of at least 0.
    """
    if file is None:
        return ()
    header, *lines = _lines(file)
    columns, rows = [name.strip() for name in header[1:]], [line[0].strip() for line in lines]
    for where, names in (("header", columns), ("first column", rows)):
        _require_names(file, where, names, classes)
    cells = {}
    for row, line in zip(rows, lines, strict=True):
        if len(line) != len(header):
            raise InputError(f"the line of {row!r} in {file} must have {len(header)} entries, got {len(line)}")
        for column, cell in zip(columns, line[1:], strict=True):
            cells[row, column] = finite_number(f"cost of {column!r} for {row!r} in {file}", cell.strip(), at_least=0)
    return tuple(tuple(cells[row, column] for column in classes) for row in classes)


def read_sensitive(data: str | None, column: str | None) -> NDArray[Any] | None:
    """Read the groups of a sensitive column, which may be a feature or not.

    Args:
        data: source of the table, as for --data.
        column: its name; None for none.

    Raises:
        InputError: if there is no such column, or a row has no group.
    """
    if column is None or data is None:
        return None
    if data.startswith(("mnist:", "idx:")):
        raise InputError(f"no column {column!r} in {data}, which has no groups")
    columns, _ = read_columns(data, True)
    if column not in columns:
        raise InputError(f"--sensitive must be a column of {data}, got {column!r}; columns: {_few(list(columns))}")
    return read_target(data, column, columns, True, True)


def _lines(file: Path) -> list[list[str]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            lines = [line for line in csv.reader(stream) if any(cell.strip() for cell in line)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"costs cannot be read from {file}: {error}") from error
    if len(lines) < 2:
        raise InputError(f"{file} must have a header of class names and a line for each class")
    return lines


def _require_names(file: Path, where: str, names: list[str], classes: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in classes]:
        raise InputError(f"the {where} of {file} names {unknown[0]!r}, which is no class; classes: {_few(classes)}")
    if missing := [name for name in classes if name not in names]:
        raise InputError(f"the {where} of {file} lacks the class {missing[0]!r}")
    if len(names) > len(classes):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the {where} of {file} names {twice!r} twice")


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
