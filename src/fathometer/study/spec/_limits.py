"""What one cell may use: seconds, and memory in bytes or in words."""

import re
from collections.abc import Mapping
from typing import Any

from fathometer.evidence import InputError
from fathometer.study.engines._engine import Limits
from fathometer.study.spec._grid import is_number
from fathometer.study.spec._tables import table_at

_UNITS = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)I?(B)", re.IGNORECASE)


def read_limits(document: Mapping[str, Any]) -> Limits:
    """Read the table [limits].

    Raises:
        InputError: if a limit is not above 0, or a size is none.
    """
    table = table_at(document, "limits", ("seconds", "memory"))
    seconds = table.get("seconds")
    if seconds is not None and not (is_number(seconds) and seconds > 0):
        raise InputError(f"[limits] seconds must be a number above 0, got {seconds!r}")
    return Limits(None if seconds is None else float(seconds), _size(table.get("memory")))


def _size(given: Any) -> float | None:
    """Bytes; a GB is 2^30 of them.

    Raises:
        InputError: if it is no size.
    """
    if given is None:
        return None
    match = _SIZE.fullmatch(given.strip()) if isinstance(given, str) else None
    size: Any = float(match[1]) * _UNITS[f"{match[2]}B".upper()] if match else given
    if not is_number(size) or size <= 0:
        raise InputError(f"[limits] memory must be a number of bytes or a size such as '2 GB', got {given!r}")
    return float(size)
