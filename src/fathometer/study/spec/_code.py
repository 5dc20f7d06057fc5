"""Which code computes a cell: the version of the package, and a digest of the sources that are used."""

import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fathometer

_ROOT = Path(fathometer.__file__).parent
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
_FROM_ROOT = re.compile(rb"^[ \t]*from[ \t]+fathometer[ \t]+import[ \t]+\(?([\w, \t\n]+)", re.MULTILINE)
_SHOWS = ("study", "report", "cli", "app", "tour")  # store and show what is computed, and do not change it


def code_version(function: Callable[..., Any]) -> str:
    """Return version and digest, such as "0.1.0+1f0c8e29ab34".

    The digest is of the function's module, of the modules beside it that it imports, and of all packages of fathometer
    that these use, directly or not. What only stores and shows results is left out.

    Args:
        function: of a module.
    """
    return f"{_version()}+{_digest(function.__module__)}"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("fathometer")
    except PackageNotFoundError:
        return "unknown"


@cache
def _digest(module: str) -> str:
    files, packages = _modules(module)
    for package in _closed(packages):
        files |= _sources(package)
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()[:12]


def _modules(start: str) -> tuple[dict[str, bytes], set[str]]:
    """The sources of a module and of those beside it that it imports, and the packages of fathometer that they use."""
    home = ".".join(start.split(".")[: 2 if start.startswith("fathometer.") else 1])
    files: dict[str, bytes] = {}
    packages: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in files or path is None:
            continue
        files[name] = path.read_bytes()
        imported = [found.decode() for found in _IMPORT.findall(files[name])]
        waiting += [other for other in imported if f"{other}.".startswith(f"{home}.") or _stands_beside(other, start)]
        packages |= set(_packages(files[name])) - {home.removeprefix("fathometer.")}
    return files, packages


def _file_of(module: str) -> Path | None:
    """The source of a module, found beside what is imported already: nothing is run."""
    known = sys.modules.get(module)
    if known is not None:
        path = getattr(known, "__file__", None)
        return Path(path) if path and path.endswith(".py") and Path(path).is_file() else None
    top = _file_of(module.split(".")[0]) if "." in module else None
    if top is None:
        return None
    inner = top.parent.joinpath(*module.split(".")[1:])
    return next((path for path in (inner.with_suffix(".py"), inner / "__init__.py") if path.is_file()), None)


def _stands_beside(module: str, start: str) -> bool:
    """Whether both are single files of one folder, such as scripts that import each other."""
    mine, path = _file_of(start), _file_of(module)
    single = "." not in start and "." not in module
    return single and mine is not None and path is not None and path.parent == mine.parent and path.stem == module


def _packages(source: bytes) -> Iterator[str]:
    """Names of the packages of fathometer that a source imports.

    Yields:
        Each, perhaps more than once.
    """
    for found in _IMPORT.findall(source):
        parts = found.decode().split(".")
        if parts[0] == "fathometer" and len(parts) > 1 and parts[1] not in _SHOWS:
            yield parts[1]
    for found in _FROM_ROOT.findall(source):
        for name in re.findall(r"\w+", found.decode()):
            if name not in _SHOWS and (_ROOT / name).is_dir():
                yield name


@cache
def _sources(package: str) -> dict[str, bytes]:
    place = _ROOT / package
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    return {str(path.relative_to(_ROOT).as_posix()): path.read_bytes() for path in paths if path.is_file()}


def _closed(packages: set[str]) -> set[str]:
    """These packages and all that they use."""
    closed: set[str] = set()
    waiting = set(packages)
    while waiting:
        package = waiting.pop()
        closed.add(package)
        waiting |= {used for source in _sources(package).values() for used in _packages(source)} - closed
    return closed
