"""Sources of code that is not ours: of a module, and of those beside it that it imports. Nothing is run for it."""

import re
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
_INSTALLED = {"site-packages", "dist-packages"}
_STANDARD = sysconfig.get_path("stdlib")


def sources_of(module: str, folder: Path) -> dict[str, bytes]:
    """Return the sources of a module or package of a folder, and of those beside it that are imported, by their paths.

    All files of a package are its sources. What is installed is taken without what it imports.

    Args:
        module: its name; what follows a dot is within the package.
        folder: where it stands.
    """
    files: dict[str, bytes] = {}
    seen, waiting = {"fathometer"}, [module.partition(".")[0]]
    while waiting:
        name = waiting.pop()
        found = {} if name in seen else _sources(name, folder)
        seen.add(name)
        files |= found
        waiting += () if _is_installed(folder) else set().union(*map(_imported, found.values())) - seen
    return files


def sources_found(module: str) -> dict[str, bytes]:
    """The same for a module that is looked for as Python does, in the working folder first; empty if it is nowhere."""
    places = [Path.cwd(), *(Path(place) for place in sys.path if not _is_installed(Path(place)))]
    return next((files for place in places if (files := sources_of(module, place))), {})


def _sources(name: str, folder: Path) -> dict[str, bytes]:
    package, single = folder / name, folder / f"{name}.py"
    if not name.isidentifier():
        return {}
    alone = single.is_file() and not (package / "__init__.py").is_file()
    paths = [single] if alone else sorted(package.rglob("*.py"))
    return {path.relative_to(folder).as_posix(): _read(path, *_state(path)) for path in paths if path.is_file()}


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=10_000)
def _read(path: Path, changed: int, size: int) -> bytes:
    return path.read_bytes()


def _is_installed(folder: Path) -> bool:
    return not _INSTALLED.isdisjoint(folder.parts) or str(folder).startswith(_STANDARD)


@lru_cache(maxsize=10_000)
def _imported(source: bytes) -> frozenset[str]:
    """Names of the modules and packages that a source imports, before their first dot."""
    names = [part for one, several in _IMPORT.findall(source) for part in (one or several).decode().split(",")]
    return frozenset(name.split()[0].partition(".")[0] for name in names if name.split())
