"""Single arrays from npy files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.data._archives import read_plain
from fathometer.evidence import InputError, finite_array


def load_array(path: Path, ndim: int | None = None) -> NDArray[np.float64]:
    """Read an npy file of finite real numbers.

    Args:
        path: the file.
        ndim: the number of dimensions that is required, or None for any.

    Raises:
        InputError: if there is no such file, it is not an npy file, or its array does not fit; see
            `fathometer.evidence.real_array` for what is a number.
    """
    content = read_plain(path, "an npy file of numbers")
    if not isinstance(content, np.ndarray):
        raise InputError(f"{path} must hold one array, not an archive; arrays: {', '.join(content)}")
    return finite_array(str(path), content, ndim)
