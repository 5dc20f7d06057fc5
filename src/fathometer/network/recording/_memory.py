"""Amounts of memory as people write them."""

import re

from fathometer.evidence import InputError

UNITS = {"": 1, "B": 1} | {
    f"{letter}{ending}": base ** (power + 1)
    for ending, base in (("B", 1000), ("iB", 1024))
    for power, letter in enumerate("KMGT")
}
WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*")


def bytes_of(memory: str | int) -> int:
    """How many bytes "2GiB", "500 MB" or a number are.

    Raises:
        InputError: if it is not a positive number with a unit of bytes.
    """
    match = WRITTEN.fullmatch(str(memory))
    unit = {name.upper(): size for name, size in UNITS.items()}.get(match[2].upper()) if match else None
    size = 0 if match is None or unit is None else int(float(match[1]) * unit)
    if size <= 0:
        raise InputError(f"memory must be a positive number with a unit such as 500MB or 2GiB, got {memory!r}")
    return size


def text_bytes(size: float) -> str:
    """A number of bytes with the largest unit that it reaches."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size >= UNITS[unit]:
            return f"{size / UNITS[unit]:.3g} {unit}"
    return f"{size:.0f} B"
