"""Single arrays from npy files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_array


def load_array(path: Path, ndim: int | None = None) -> NDArray[np.float64]:
    """Read an npy file of finite numbers.

    Args:
        path: the file.
        ndim: the number of dimensions that is required, or None for any.

    Raises:
        InputError: if there is no such file, it is not an npy file, or its array does not fit.
    """
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path} is not an npy file of numbers") from error
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path} must hold one array, not an archive")
    return finite_array(str(path), array, ndim)
