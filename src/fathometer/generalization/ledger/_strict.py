"""Reading a record from a file that anybody may have written: each value has the type of its field or is refused."""

import base64
import binascii
import dataclasses
import enum
import json
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from fathometer.evidence import Estimate, InputError, Kind, Record

LARGEST_WHOLE = 2**53
"""Larger whole numbers are no counts, and a float64 does not hold them."""

ENDS = ("value", "lower", "upper")
UNKNOWN = ("overfitting.training_risk", "overfitting.gap")
"""Estimates that have no number where nobody knows the rows that a predictor was fitted on."""

DTYPES = ("float32", "float64", "int32", "int64")
LARGEST_DIMENSIONS = 2
DEEPEST = 32
"""Nesting of a certificate is below 10."""


def read_json(text: str, name: str) -> Any:
    """Parse JSON that has finite numbers, no key twice, and no abyss of brackets.

    Raises:
        InputError: if it is not of that kind.
    """
    try:
        content = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
        _shallow(content, 0)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:200]
        raise InputError(f"{name} is not a JSON file: {reason}") from error
    return content


def require_record(kind: type[Record], value: Any, path: str = "certificate") -> None:
    """Hold JSON values against the fields of a record and of all records inside; Any is a number or a list of them.

    Args:
        kind: the record that they are said to be.
        value: JSON values.
        path: where they stand, for the message.

    Raises:
        InputError: naming the first value that has another type, is missing, is unknown, or is no finite number.
    """
    if kind is Estimate:
        _estimate(value, path)
        return
    _object(value, path)
    hints = get_type_hints(kind)
    fields = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for name in value:
        if name not in fields:
            raise InputError(f"{path} has no key {name[:40]!r}")
    for name in fields:
        if name not in value:
            raise InputError(f"{path} lacks the key {name!r}")
        _require(hints[name], value[name], f"{path}.{name}")


def _require(hint: Any, value: Any, path: str) -> None:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        for number in value if isinstance(value, list) else [value]:
            _scalar(float, number, path)
    elif origin in (typing.Union, types.UnionType):
        options = [option for option in inner if option is not type(None)]
        if value is None and len(options) < len(inner):
            return
        _require(options[-1], value, path)
    elif origin is tuple:
        _list(value, path)
        hints = inner if inner[-1] is not ... else (inner[0],) * len(value)
        if len(hints) != len(value):
            raise InputError(f"{path} must have {len(hints)} entries, got {len(value)}")
        for k, (item_hint, item) in enumerate(zip(hints, value, strict=True)):
            _require(item_hint, item, f"{path}[{k}]")
    elif origin is not None and issubclass(origin, Mapping):
        _object(value, path)
        for name, item in value.items():
            _require(inner[1], item, f"{path}.{name[:40]}")
    elif origin is np.ndarray or hint is np.ndarray:
        _array(value, path)
        if np.dtype[np.int64] in inner:
            whole = isinstance(value, dict) and value["dtype"].startswith("int")
            _demand(whole, path, "whole numbers with their dtype", value)
    elif issubclass(hint, Record):
        require_record(hint, value, path)
    else:
        _scalar(hint, value, path)


def _scalar(hint: type, value: Any, path: str) -> None:
    if hint is bool:
        _demand(isinstance(value, bool), path, "true or false", value)
    elif issubclass(hint, enum.Enum):
        _demand(value in [str(member.value) for member in hint], path, f"one of {', '.join(map(str, hint))}", value)
    elif hint is str:
        _demand(isinstance(value, str), path, "text", value)
    elif hint is int:
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_WHOLE
        _demand(whole, path, "a whole number up to 2^53", value)
    else:
        _demand(_is_number(value), path, "a finite number", value)


def _estimate(value: Any, path: str) -> None:
    """A measured risk, or an exact number such as a training risk, which nobody may know."""
    if path.endswith(UNKNOWN) and isinstance(value, dict) and {value.get(end, 0) for end in ENDS} == {None}:
        value = value | dict.fromkeys(ENDS, 0.0)
    if isinstance(value, dict) and value.get("kind") == Kind.EXACT:
        _exact(value, path)
    else:
        _sampled(value, path)


def _exact(value: dict[str, Any], path: str) -> None:
    """One number that is its own interval.

    Raises:
        InputError: if it is not one.
    """
    if set(value) != {*ENDS, "kind"}:
        raise InputError(f"{path} must have the keys {', '.join(ENDS)}, kind")
    for name in ENDS:
        _scalar(float, value[name], f"{path}.{name}")
    _demand(value["lower"] == value["value"] == value["upper"], path, "one number three times, as it is exact", value)


def _sampled(value: Any, path: str) -> None:
    """A measured risk: one number with the interval of a sample.

    Raises:
        InputError: if it is not one.
    """
    _object(value, path)
    names = ("value", "lower", "upper", "kind", "confidence")
    if set(value) != set(names):
        raise InputError(f"{path} must have the keys {', '.join(names)}")
    _demand(value["kind"] == Kind.SAMPLED, f"{path}.kind", f"{str(Kind.SAMPLED)!r}", value["kind"])
    for name in set(names) - {"kind"}:
        _scalar(float, value[name], f"{path}.{name}")


def _array(value: Any, path: str) -> None:
    """A rectangle of numbers, or bytes with their type and shape.

    Raises:
        InputError: if it is neither.
    """
    if isinstance(value, list):
        rows = value if value and isinstance(value[0], list) else [value]
        level = all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows)
        _demand(level and bool(rows[0]), path, "a rectangle of numbers", value)
        for row in rows:
            for number in row:
                _scalar(float, number, path)
        return
    _object(value, path)
    if set(value) != {"dtype", "shape", "base64"}:
        raise InputError(f"{path} must have the keys dtype, shape, base64")
    _demand(value["dtype"] in DTYPES, f"{path}.dtype", f"one of {', '.join(DTYPES)}", value["dtype"])
    shape = value["shape"]
    _list(shape, f"{path}.shape")
    _demand(len(shape) <= LARGEST_DIMENSIONS, f"{path}.shape", f"at most {LARGEST_DIMENSIONS} numbers", shape)
    for size in shape:
        _scalar(int, size, f"{path}.shape")
        _demand(size >= 0, f"{path}.shape", "numbers of at least 0", size)
    _scalar(str, value["base64"], f"{path}.base64")
    _full(value, path)


def _full(value: Any, path: str) -> None:
    try:
        raw = base64.b64decode(value["base64"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{path}.base64 is no base64 text") from error
    expected = math.prod(value["shape"]) * np.dtype(value["dtype"]).itemsize
    _demand(len(raw) == expected, f"{path}.base64", f"{expected} bytes", len(raw))
    if value["dtype"].startswith("float"):
        numbers = np.frombuffer(raw, np.dtype(value["dtype"]).newbyteorder("<"))
        _demand(bool(np.all(np.isfinite(numbers))), path, "finite", "NaN or infinity")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= LARGEST_WHOLE


def _object(value: Any, path: str) -> None:
    _demand(isinstance(value, dict), path, "an object", value)


def _list(value: Any, path: str) -> None:
    _demand(isinstance(value, list), path, "a list", value)


def _demand(fits: bool, path: str, what: str, value: Any) -> None:
    if not fits:
        shown = " ".join(json.dumps(value, default=str).split())
        raise InputError(f"{path} must be {what}, got {shown if len(shown) <= 60 else shown[:57] + '...'}")


def _shallow(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise RecursionError
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        if isinstance(item, (dict, list)):
            _shallow(item, depth + 1)


def _no_constant(word: str) -> Any:
    raise ValueError(f"it holds {word}, which is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)[:40]!r} stands there twice")
    return content
