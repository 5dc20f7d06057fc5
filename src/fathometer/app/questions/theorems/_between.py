"""Problems between two problems of one kind, where their numbers can be moved and all else is equal."""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

import numpy as np

from fathometer.evidence import InputError, Record


def between(start: Any, end: Any, share: float) -> Any:
    """Return the value that lies `share` of the way from one value to another.

    Numbers and arrays of one shape move in a straight line; rows of unit length at both ends keep it, whole numbers
    stay whole. Records, tuples and mappings move part by part.

    Args:
        start: a problem, or a part of one.
        end: of the same kind.
        share: in [0, 1].

    Raises:
        InputError: if the two differ in something that cannot be moved.
    """
    match start, end:
        case (Record(), Record()) if type(start) is type(end):
            return _record(start, end, share)
        case (np.ndarray(), np.ndarray()) if start.shape == end.shape and start.dtype.kind == end.dtype.kind == "f":
            return _array(start, end, share)
        case (tuple(), tuple()) if len(start) == len(end):
            return tuple(between(a, b, share) for a, b in zip(start, end, strict=True))
        case (Mapping(), Mapping()) if start.keys() == end.keys():
            return {key: between(start[key], end[key], share) for key in start}
    if _is_number(start) and _is_number(end):
        moved = start + share * (end - start)
        return round(moved) if isinstance(start, int) and isinstance(end, int) else float(moved)
    if not _same(start, end):
        raise InputError(f"there is nothing between {_short(start)} and {_short(end)}")
    return start


def _record(start: Any, end: Any, share: float) -> Any:
    names = [field.name for field in dataclasses.fields(start) if field.init]
    return type(start)(**{name: between(getattr(start, name), getattr(end, name), share) for name in names})


def _array(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    moved = start + share * (end - start)
    if _unit_rows(start) and _unit_rows(end):
        lengths = np.linalg.norm(moved, axis=-1, keepdims=True)
        if np.any(lengths < 1e-9):
            raise InputError("a row passes through 0")
        return moved / lengths
    return moved


def _unit_rows(array: np.ndarray) -> bool:
    return array.ndim == 2 and bool(np.all(np.abs(np.linalg.norm(array, axis=-1) - 1) < 1e-9))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.floating) and not isinstance(value, bool | enum.Enum)


def _same(start: Any, end: Any) -> bool:
    if isinstance(start, np.ndarray) or isinstance(end, np.ndarray):
        return np.shape(start) == np.shape(end) and bool(np.all(start == end))
    return start is end or bool(start == end)


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return type(value).__name__ if isinstance(value, Record) else str(value)[:40]
