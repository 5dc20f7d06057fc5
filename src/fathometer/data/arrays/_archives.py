"""Archives of arrays."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError


def read_archive(path: Path, called: str = "npz archive") -> dict[str, NDArray]:
    """Read the arrays of an npz file, of whatever kind they are, by name.

    Args:
        path: the file.
        called: the word for it in messages.

    Raises:
        InputError: if there is no such file, it is no archive, or an array of it is damaged or holds pickled objects.
    """
    content = read_plain(path, f"an {called} of plain arrays")
    if isinstance(content, np.ndarray):
        raise InputError(f"{path} is not an {called} but a single array: numpy.savez writes archives")
    return dict(content)


def read_plain(path: Path, wanted: str) -> NDArray | Mapping[str, NDArray]:
    """Read an npy file or an npz archive.

    Args:
        path: the file.
        wanted: what it is called if it cannot be read.

    Raises:
        InputError: if there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    name = None
    try:
        arrays: dict[str, NDArray] = {}
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            if isinstance(content, np.ndarray):
                return content
            for name in content.files:
                arrays[name] = np.asarray(content[name])  # a member that is no array comes as bytes
        return arrays
    except Exception as error:  # of foreign bytes, zipfile, zlib and tokenize raise what they like
        where = f"array {name!r} of {path}" if name else str(path)
        if "pickle" in str(error) and name:
            raise InputError(f"{where} holds pickled objects: store plain numbers") from error
        raise InputError(f"{where} is damaged" if name else f"{path} is not {wanted}") from error
