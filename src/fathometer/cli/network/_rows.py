"""Rows of classifiers and documents of language models, from an npz file."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def read_classified(data: Path) -> tuple[Any, NDArray[Any]]:
    """X and y of a file; without an array X all other arrays are what the network takes by name.

    Args:
        data: an npz file.

    Raises:
        InputError: if it cannot be read, or there is no y or nothing else.
    """
    from fathometer.data import read_archive
    from fathometer.evidence import InputError

    arrays = read_archive(data)
    if "y" not in arrays or len(arrays) < 2:
        raise InputError(f"{data} must hold the arrays X and y, got {', '.join(arrays) or 'none'}")
    labels = arrays.pop("y")
    return arrays.get("X", arrays), labels


def read_texts(data: Path) -> list[NDArray[Any]]:
    """Documents of a file with all tokens one after another, and how many each document has.

    Args:
        data: an npz file with the arrays tokens and lengths.

    Raises:
        InputError: if it cannot be read, or the lengths do not add up.
    """
    from fathometer.data import read_archive
    from fathometer.evidence import InputError

    arrays = read_archive(data)
    if not {"tokens", "lengths"} <= set(arrays):
        raise InputError(f"{data} must hold the arrays tokens and lengths, got {', '.join(arrays) or 'none'}")
    tokens, lengths = arrays["tokens"], arrays["lengths"]
    if tokens.ndim != 1 or lengths.ndim != 1 or lengths.dtype.kind not in "iu" or lengths.sum() != tokens.size:
        raise InputError(f"lengths of {data} must be whole numbers that add up to its {tokens.size} tokens")
    return np.split(tokens, np.cumsum(lengths)[:-1])


def holds_documents(data: Path) -> bool:
    """Whether a file holds documents and not rows.

    Args:
        data: an npz file.
    """
    from fathometer.data import read_archive

    return "tokens" in read_archive(data)
