"""Records: immutable values that compare by content and travel as JSON."""

import base64
import dataclasses
import enum
import json
import math
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from fathometer.evidence.values._input import InputError

R = TypeVar("R", bound="Record")


class Record:
    """Abstract base of every noun of the spine: a frozen dataclass with a JSON form.

    Subclasses of an abstract record carry their class name under the key `type`, so that the abstract class reads
    them back. Numbers in the JSON form are always finite. Functions are written as `module:name` and found again
    only in modules that are already imported: reading a record never runs code.
    """

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values; `from_json` gives back an equal record."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        tag = {} if type(self).__bases__ == (Record,) else {"type": type(self).__name__}
        return tag | {field.name: _encode(getattr(self, field.name)) for field in fields}

    @classmethod
    def from_json(cls: type[R], data: Mapping[str, Any]) -> R:
        """Build the record that `to_json` described.

        Raises:
            InputError: if keys are missing or unknown, or a value does not have the type of its field.
        """
        if not isinstance(data, Mapping):
            raise InputError(f"{cls.__name__} must be a JSON object, got {data!r}")
        target = cls if "type" not in data else _subclass(cls, data["type"])
        hints = get_type_hints(target)
        names = [field.name for field in dataclasses.fields(target)]  # type: ignore[arg-type]
        given = {key: value for key, value in data.items() if key != "type"}
        if unknown := set(given) - set(names):
            raise InputError(f"{target.__name__} has no key {sorted(unknown)[0]!r}; keys: {names}")
        try:
            return target(**{key: _decode(hints[key], value) for key, value in given.items()})
        except (TypeError, KeyError) as error:
            raise InputError(f"{target.__name__} cannot be read: {error}") from error

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.to_json() == self.to_json()

    def __hash__(self) -> int:
        return hash(json.dumps(self.to_json(), sort_keys=True))


def _subclass(base: type, name: str) -> type:
    classes = [base]
    for candidate in classes:
        if candidate.__name__ == name:
            return candidate
        classes.extend(candidate.__subclasses__())
    raise InputError(f"no {base.__name__} is called {name!r}; known: {[c.__name__ for c in classes]}")


def _encode(value: Any) -> Any:
    match value:
        case None | bool() | str():
            return str(value) if isinstance(value, enum.Enum) else value
        case Record():
            return value.to_json()
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            if not math.isfinite(value):
                raise InputError(f"a plain number in a record must be finite, got {value}")
            return float(value)
        case np.ndarray() if value.dtype == np.float64 and value.size and np.all(np.isfinite(value)):
            return value.tolist()
        case np.ndarray():
            data = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False)
            text = base64.b64encode(data.tobytes()).decode("ascii")
            return {"dtype": value.dtype.name, "shape": list(value.shape), "base64": text}
        case tuple() | list():
            return [_encode(item) for item in value]
        case Mapping():
            return {str(key): _encode(item) for key, item in value.items()}
    if callable(value):
        return f"{value.__module__}:{value.__qualname__}"
    raise InputError(f"{type(value).__name__} has no JSON form")


def _decode(hint: Any, value: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in inner if option is not type(None)]
        return None if value is None else _decode(options[0], value)
    if origin is tuple:
        hints = inner if inner[-1] is not ... else (inner[0],) * len(value)
        return tuple(_decode(item_hint, item) for item_hint, item in zip(hints, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {key: _decode(inner[1], item) for key, item in value.items()}
    if origin is np.ndarray or hint is np.ndarray:
        if isinstance(value, list):
            return np.array(value, np.float64)
        raw = np.frombuffer(base64.b64decode(value["base64"]), np.dtype(value["dtype"]).newbyteorder("<"))
        return raw.astype(np.dtype(value["dtype"])).reshape(value["shape"])
    if origin in (Callable, type) or hint is Callable:
        return _function(value)
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint.from_json(value)
    if isinstance(hint, type) and issubclass(hint, (enum.Enum, float, int)):
        return hint(value)
    return value


def _function(reference: str) -> Any:
    module, _, path = str(reference).partition(":")
    resolved = sys.modules.get(module)
    for name in path.split("."):
        resolved = getattr(resolved, name, None)
    if not callable(resolved):
        raise InputError(f"{reference!r} is not a function of an imported module")
    return resolved
