"""Which code computes a cell: the version of the package, and a digest of the sources that are used."""

import hashlib
import inspect
import re
import sys
from collections.abc import Callable
from functools import cache, lru_cache, partial
from pathlib import Path
from types import CodeType
from typing import Any

import fathometer
from fathometer.study.spec._sources import sources_of

_ROOT = Path(fathometer.__file__).parent
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
_FROM_ROOT = re.compile(rb"^[ \t]*from[ \t]+fathometer[ \t]+import[ \t]+\(?([\w, \t\n]+)", re.MULTILINE)
_SHOWS = frozenset(["study", "report", "cli", "app", "tour"])  # store and show what is computed, and do not change it


def code_version(function: Callable[..., Any]) -> str:
    """Return version and digest, such as "0.1.0+1f0c8e29ab34".

    The digest is of the function's module or package, of the modules beside it that it imports, and of all packages of
    fathometer that these use, directly or not. What only stores and shows results is left out. Of a function without a
    file, in a notebook, it is of its own code alone.

    Args:
        function: of a module, perhaps with some of its arguments given.
    """
    while isinstance(function, partial):
        function = function.func
    package, _, inner = function.__module__.partition(".")
    ours = package == "fathometer"
    files = dict(_ours(function.__module__)) if ours else _others(function)
    packages = frozenset(name for source in files.values() for name in _packages(source))
    for used in _closed(packages - {inner.partition(".")[0]} if ours else packages):
        files |= _sources(used)
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return f"{_version()}+{digest.hexdigest()[:12]}"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("fathometer")
    except PackageNotFoundError:
        return "unknown"


@cache
def _ours(start: str) -> dict[str, bytes]:
    """The sources of a module of fathometer, and of those of its package that it imports."""
    home = ".".join(start.split(".")[:2])
    files: dict[str, bytes] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in files or path is None:
            continue
        files[name] = path.read_bytes()
        imported = [found.decode() for found in _IMPORT.findall(files[name])]
        waiting += [other for other in imported if f"{other}.".startswith(f"{home}.")]
    return files


def _others(function: Callable[..., Any]) -> dict[str, bytes]:
    """The sources of a function that is not ours; its own code where it has no file."""
    module = sys.modules.get(function.__module__.partition(".")[0])
    place = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), None)
    if place is None or not Path(place).exists():
        return {"": _own_code(function)}
    path = Path(place)
    if path.suffix == ".py":
        path = path.parent if path.name == "__init__.py" else path
        return sources_of(path.stem, path.parent)
    return sources_of(path.name, path.parent) if path.is_dir() else {"": path.read_bytes()}


def _own_code(function: Callable[..., Any]) -> bytes:
    try:
        return inspect.getsource(function).encode()
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        return type(function).__qualname__.encode() if code is None else _bytes_of(code)


def _bytes_of(code: CodeType) -> bytes:
    inner = [_bytes_of(one) if isinstance(one, CodeType) else repr(one).encode() for one in code.co_consts]
    return b"\0".join([code.co_code, repr(code.co_names).encode(), *inner])


def _file_of(module: str) -> Path | None:
    """The source of a module of ours, found beside what is imported already: nothing is run."""
    known = sys.modules.get(module)
    path = getattr(known, "__file__", None)
    if path is not None:
        return Path(path)
    inner = _ROOT.joinpath(*module.split(".")[1:])
    return next((path for path in (inner.with_suffix(".py"), inner / "__init__.py") if path.is_file()), None)


@lru_cache(maxsize=10_000)
def _packages(source: bytes) -> frozenset[str]:
    """Names of the packages of fathometer that a source imports."""
    dotted = [found.decode().split(".") for found in _IMPORT.findall(source)]
    named = [parts[1] for parts in dotted if parts[0] == "fathometer" and len(parts) > 1]
    from_root = [name for found in _FROM_ROOT.findall(source) for name in re.findall(r"\w+", found.decode())]
    return frozenset([*named, *(name for name in from_root if (_ROOT / name).is_dir())]) - _SHOWS


@cache
def _sources(package: str) -> dict[str, bytes]:
    place = _ROOT / package
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    return {str(path.relative_to(_ROOT).as_posix()): path.read_bytes() for path in paths if path.is_file()}


@cache
def _closed(packages: frozenset[str]) -> frozenset[str]:
    """These packages and all that they use."""
    closed: set[str] = set()
    waiting = set(packages)
    while waiting:
        package = waiting.pop()
        closed.add(package)
        waiting |= {used for source in _sources(package).values() for used in _packages(source)} - closed
    return frozenset(closed)
