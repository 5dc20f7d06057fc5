"""Documents of certificates changed leaf by leaf, as somebody would who forges them."""

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every path to a number, text, truth value or null."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path


def at(content: Any, path: Path) -> Any:
    for key in path:
        content = content[key]
    return content


def with_change(content: Any, path: Path, value: Any) -> Any:
    content = copy.deepcopy(content)
    at(content, path[:-1])[path[-1]] = value
    return content


def changed(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case float():
            return value * 1.01 + 0.001
        case int():
            return value + 1
        case str():
            return value + "x"
    return 0.5
