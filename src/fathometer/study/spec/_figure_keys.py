"""What a specification says of its figure."""

from collections.abc import Mapping
from typing import Any

from fathometer.evidence import InputError
from fathometer.study._computation import Computation
from fathometer.study.spec._tables import table_at, texts_of

KEYS = ("x", "y", "colour", "lines", "columns", "log")
_LOG_AXES = ("x", "y", "colour")


def read_figure(document: Mapping[str, Any], computation: Computation) -> dict[str, Any]:
    """Read the table [figure]: x, y, colour, lines name a parameter, a column or the seed; columns are drawn; log axes.

    Raises:
        InputError: if a key or a name is unknown.
    """
    table = table_at(document, "figure", KEYS)
    names = [*computation.parameters, *computation.columns, "seed", "seconds"]
    for key in ("x", "y", "colour", "lines"):
        if key in table:
            _known(key, [table[key]], names)
    read = dict(table)
    if "columns" in table:
        read["columns"] = list(texts_of("[figure] columns", table["columns"]))
        _known("columns", read["columns"], [*computation.columns, "seconds"])
    if "log" in table:
        read["log"] = list(texts_of("[figure] log", table["log"]))
        _known("log", read["log"], _LOG_AXES)
    return read


def _known(key: str, given: list[Any], names: list[str] | tuple[str, ...]) -> None:
    for name in given:
        if name not in names:
            raise InputError(f"[figure] {key} must be one of {', '.join(names)}, got {name!r}")
