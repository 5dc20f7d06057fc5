"""Values of one parameter in a grid: a list, or a range with its ends."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from fathometer.evidence import InputError, whole_number
from fathometer.study.spec._parameters import Parameter, Real, Whole
from fathometer.study.spec._tables import only_keys, plain

SCALES = ("linear", "log")
_DIGITS = 12  # of the numbers within a range: enough for anyone, and the same on every machine


def settled(parameter: Parameter, name: str, value: Any) -> Any:
    """Read a value; -0.0 becomes 0.0, since equal parameters are one cell.

    Args:
        parameter: what it may be.
        name: what a complaint calls it.
        value: as it was given.
    """
    read = parameter.read(name, value)
    if isinstance(read, np.ndarray):
        read = read + 0.0
        read.setflags(write=False)
    return read + 0.0 if isinstance(read, float) else read


def grid_values(parameter: Parameter, name: str, given: Any) -> tuple[Any, ...]:
    """Read the values that a parameter takes.

    Args:
        parameter: what each may be.
        name: of the parameter.
        given: a list, or a range {from, to, count, scale}.

    Raises:
        InputError: if there are none, one comes twice, or one is not allowed.
    """
    where = f"[grid] {name}"
    if isinstance(given, Mapping):
        only_keys(where, given, ("from", "to", "count", "scale"))
        values = _range(parameter, where, given)
    elif isinstance(given, list | tuple):
        values = tuple(settled(parameter, where, value) for value in given)
    else:
        raise InputError(f"{where} must be a list or a range {{from, to, count}}, got {given!r}: [fixed] takes values")
    if not values:
        raise InputError(f"{where} has no value: the grid is empty")
    return _distinct(where, values)


def range_ends(parameter: Parameter, where: str, given: Mapping[str, Any]) -> tuple[float, float, bool]:
    """Read the ends of a range, and whether its steps are factors.

    Args:
        parameter: what values may be.
        where: what a complaint calls the range.
        given: with the keys from and to, and perhaps scale.

    Raises:
        InputError: if the parameter is no number, or the ends are none of its values or in the wrong order.
    """
    if not isinstance(parameter, Real | Whole):
        raise InputError(f"{where} must be a list: only numbers have ranges")
    for key in ("from", "to"):
        if key not in given:
            raise InputError(f"{where} must have the key {key!r}")
    low, high = (settled(parameter, f"{where} {key}", given[key]) for key in ("from", "to"))
    if not low < high:
        raise InputError(f"{where} must go from a smaller to a larger number, got {low:g} to {high:g}")
    scale = given.get("scale", "linear")
    if scale not in SCALES:
        raise InputError(f"{where} scale must be one of {', '.join(SCALES)}, got {scale!r}")
    if scale == "log" and low <= 0:
        raise InputError(f"{where} must start above 0 where the scale is log, got {low:g}")
    return low, high, scale == "log"


def between(parameter: Parameter, number: float, low: float, high: float) -> float:
    """A number within a range as the parameter has it: whole, or with a few digits.

    Args:
        parameter: of whole or of real numbers.
        number: anything near the range.
        low: end of the range.
        high: end of the range.
    """
    near = round(number) if isinstance(parameter, Whole) else float(f"{number:.{_DIGITS}g}")
    return min(max(near, low), high)


def _range(parameter: Parameter, where: str, given: Mapping[str, Any]) -> tuple[Any, ...]:
    low, high, factors = range_ends(parameter, where, given)
    count = whole_number(f"{where} count", given.get("count"), at_least=2, at_most=10**6)
    steps = np.geomspace(low, high, count) if factors else np.linspace(low, high, count)
    inner = (between(parameter, float(number), low, high) for number in steps[1:-1])
    return tuple(dict.fromkeys((low, *inner, high))) if isinstance(parameter, Whole) else (low, *inner, high)


def _distinct(where: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    seen: set[str] = set()
    for value in values:
        text = repr(plain(value))
        if text in seen:
            raise InputError(f"{where} has {text} twice")
        seen.add(text)
    return values


def is_number(value: Any) -> bool:
    """Whether a value of a specification is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
