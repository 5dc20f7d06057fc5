"""Tables of a specification: what keys they may have, and what is said of others."""

from collections.abc import Mapping, Sequence
from typing import Any

from fathometer.evidence import InputError


def table_at(document: Mapping[str, Any], name: str, keys: Sequence[str] | None = None) -> Mapping[str, Any]:
    """Return the table of that name, empty if there is none.

    Args:
        document: the specification.
        name: of the table.
        keys: that it may have; None for any.

    Raises:
        InputError: if it is no table, or has another key.
    """
    table = document.get(name, {})
    if not isinstance(table, Mapping):
        raise InputError(f"[{name}] must be a table, got {table!r}")
    if keys is not None:
        only_keys(f"[{name}]", table, keys)
    return table


def only_keys(where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Refuse keys that are not known.

    Args:
        where: what the line calls the table.
        table: as it was given.
        keys: that are known.

    Raises:
        InputError: if there is another one.
    """
    for key in table:
        if key not in keys:
            raise InputError(f"{where} has no key {key!r}; known: {', '.join(keys)}")


def text_of(where: str, value: Any) -> str:
    """Return a text.

    Raises:
        InputError: if it is none.
    """
    if not isinstance(value, str):
        raise InputError(f"{where} must be a text, got {value!r}")
    return value


def texts_of(where: str, value: Any) -> tuple[str, ...]:
    """Return a list of texts.

    Raises:
        InputError: if it is none, or is empty.
    """
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        raise InputError(f"{where} must be a list of names, got {value!r}")
    return tuple(value)


def plain(value: Any) -> Any:
    """A value of a parameter in JSON values: arrays become lists."""
    return value.tolist() if hasattr(value, "tolist") else value
