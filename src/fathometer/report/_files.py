"""Files that are whole or absent."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError


def check_folder(path: Path) -> None:
    """Find out whether files can be written to a folder, which need not exist yet; nothing is left behind.

    Raises:
        InputError: if it is a file, lies below one, or cannot be made or written to.
    """
    missing: list[Path] = []
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except (OSError, ValueError) as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else getattr(error, "strerror", None) or error
        raise InputError(f"{str(path)!r} must be a folder that can be written to: {reason}") from error
    finally:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()


def check_file(path: Path) -> None:
    """Find out whether a file can be written; see `check_folder`.

    Raises:
        InputError: if it is a folder, or its folder cannot be written to.
    """
    check_folder(path.parent)
    try:
        folder = path.is_dir()
    except OSError as error:  # a name that is too long
        raise InputError(f"{str(path)!r} must be a file that can be written to: {error.strerror}") from error
    if folder:
        raise InputError(f"{str(path)!r} must be a file, and it is a folder")


def write_text(path: Path, text: str) -> None:
    """Write a text in one step, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever reads it, and whatever stops the writer, it is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write one JSON object in one step. NaN and infinity are refused."""
    write_text(path, json.dumps(document, allow_nan=False) + "\n")
