"""Files that a parameter names: where they are, and what stands for their names in the address of a cell."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from fathometer.evidence import InputError
from fathometer.study.spec._sources import sources_found


class Named(NamedTuple):
    """A value that names files.

    Attributes:
        value: the same, as it is found from every folder.
        content: what stands for it in an address: a digest of the bytes, and what of the value these do not tell.
    """

    value: str
    content: str


def file_at(name: str, base: Path, *others: Path) -> Named:
    """A file, or a folder with all that is in it.

    Args:
        name: relative to base.
        base: folder.
        others: files that belong to it.

    Raises:
        InputError: if one cannot be read.
    """
    path = (base / name).absolute()
    digests = [_digest(one) for one in (path, *others)]
    digest = digests[0] if not others else _digest_of({str(k): one.encode() for k, one in enumerate(digests)})
    return Named(str(path), f"sha256:{digest}{path.suffix}")


def module_at(reference: str) -> Named | None:
    """What `module:factory` names: the sources that stand in the working folder; None where it is installed."""
    files = sources_found(reference.partition(":")[0])
    return Named(reference, f"sha256:{_digest_of(files)}:{reference}") if files else None


def _digest(path: Path) -> str:
    if path.is_dir():
        inner = sorted(one for one in path.rglob("*") if one.is_file())
        return _digest_of({one.relative_to(path).as_posix(): _digest(one).encode() for one in inner})
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}") from error


def _digest_of(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()
