"""The array of scores in whatever a network gives back: a tensor, a tuple, a dictionary, a dataclass."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError

SCORES = ("logits", "prediction_logits", "scores")
"""Fields that hold scores by their name; without one of them the first array is taken."""


def array_of(output: Any) -> Any:
    """The array of scores in what a network gives back.

    Args:
        output: an array, or a tuple, list, mapping or dataclass with one. Numbers such as a loss are passed over.

    Raises:
        InputError: if there is no array in it.
    """
    found = next(_arrays(output), None)
    if found is None:
        raise InputError(
            f"the network gives {type(output).__name__}; it must give an array of scores, or a tuple, dictionary or"
            " dataclass that holds one"
        )
    return found


@contextmanager
def taking(name: str, what: str = "these rows") -> Iterator[None]:
    """Call a network of the user's; whatever it raises becomes one line.

    Args:
        name: of the network.
        what: it is given.

    Raises:
        InputError: if it fails.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # each framework, and each network, has its own
        raise InputError(f"{name} does not take {what}: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """The first line of what an exception says, or its name.

    Args:
        error: any.
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def score_rows(output: NDArray[Any], rows: int) -> NDArray[np.float64]:
    """Scores of shape (rows, outputs); one output a row may come without its axis.

    Args:
        output: what the network gives for the rows.
        rows: how many there are.

    Raises:
        InputError: if there is not one score a row, or one is not finite.
    """
    scores = np.asarray(output, dtype=np.float64)
    if scores.ndim == 0 or len(scores) != rows:
        raise InputError(f"the network gives scores of shape {scores.shape} for {rows} rows; one a row is needed")
    if not np.isfinite(scores).all():
        row = int(np.argwhere(~np.isfinite(scores))[0, 0])
        raise InputError(f"the network gives a score that is not finite for row {row}, counted from 0")
    return scores[:, np.newaxis] if scores.ndim == 1 else scores


def _arrays(output: Any) -> Iterator[Any]:
    if getattr(output, "ndim", 0):
        yield output
    elif isinstance(output, Mapping):
        names = [name for name in SCORES if output.get(name) is not None]
        for name in names or output:
            yield from _arrays(output[name])
    elif is_dataclass(output) and not isinstance(output, type):
        yield from _arrays({field.name: getattr(output, field.name) for field in fields(output)})
    elif isinstance(output, tuple | list):
        for part in output:
            yield from _arrays(part)
