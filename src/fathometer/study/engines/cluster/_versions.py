"""What a worker and the client must have in common."""

import platform
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import fathometer
from fathometer.study.engines._engine import Compute
from fathometer.study.spec._code import code_version

_PACKAGES = ("fathometer", "numpy", "jax", "jaxlib")
_SOURCES, _COMPUTATION = "sources of fathometer", "code of the computation"


def versions(compute: Compute | None = None) -> dict[str, str]:
    """Return the versions of Python, of fathometer with a digest of its sources, and of what it computes with.

    Args:
        compute: a function whose module counts, too; one of a script or a notebook travels with its code.
    """
    found = {"Python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}, _SOURCES: _digest()}
    if compute is not None and getattr(compute, "__module__", "__main__") != "__main__":
        found[_COMPUTATION] = code_version(compute)
    return found


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Return in words the first difference between the versions here and those of a worker; empty if there is none."""
    for name, ours in here.items():
        theirs = there.get(name, ours)  # without the computation there is other trouble to report
        if theirs != ours:
            return f"has {name} {theirs}, and this machine has {ours}"
    return ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


@cache
def _digest() -> str:
    """Of every source file of the package; two checkouts of one version can differ."""
    root, digest = Path(fathometer.__file__).parent, sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
