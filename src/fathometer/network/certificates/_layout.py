"""Rows of any shape as a matrix of numbers, which is what a certificate counts, and back to what a network takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record
from fathometer.generalization.learning.linear._model import read_features

PLAIN = ""
"""Name of the one array of rows that were brought without a name."""


@dataclass(frozen=True, eq=False)
class Layout(Record):
    """How the columns of a matrix are the arrays that a network takes.

    Attributes:
        names: of the arrays; one empty name for a single array.
        shapes: of one row of each.
        dtypes: of each.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[str, ...]

    def inputs(self, rows: Float[np.ndarray, "n p"]) -> Any:
        """What the network takes: an array, or a dictionary of them.

        Args:
            rows: of the matrix.
        """
        ends = np.cumsum([prod(shape) for shape in self.shapes])[:-1]
        parts = np.split(rows, ends, axis=1)
        arrays = {
            name: part.reshape(len(rows), *shape).astype(dtype)
            for name, part, shape, dtype in zip(self.names, parts, self.shapes, self.dtypes, strict=True)
        }
        return arrays[PLAIN] if self.names == (PLAIN,) else arrays


def read_inputs(X: Any) -> tuple[Float[np.ndarray, "n p"], Layout]:
    """Rows as a matrix of float64, and its layout.

    Args:
        X: an array with a row for each example, or a mapping of such arrays by name.

    Raises:
        InputError: if there is no array, arrays differ in their rows, or something is no finite number.
    """
    named = {str(name): _array(str(name), values) for name, values in _named(X).items()}
    rows = {len(values) for values in named.values()}
    if len(rows) != 1:
        raise InputError(f"arrays of X must have the same number of rows, got {sorted(rows) or 'no array'}")
    layout = Layout(
        tuple(named),
        tuple(tuple(values.shape[1:]) for values in named.values()),
        tuple(values.dtype.name for values in named.values()),
    )
    flat = [values.reshape(len(values), -1).astype(np.float64) for values in named.values()]
    return read_features(np.hstack(flat)), layout


def _named(X: Any) -> Mapping[str, Any]:
    return X if isinstance(X, Mapping) else {PLAIN: X}


def _array(name: str, values: Any) -> NDArray[Any]:
    array = np.asarray(values.detach().cpu() if callable(getattr(values, "detach", None)) else values)
    called = f"X[{name!r}]" if name else "X"
    if array.dtype.kind not in "biuf":
        raise InputError(f"{called} must hold numbers, got {array.dtype}")
    if array.ndim == 0 or not len(array):
        raise InputError(f"{called} must have at least one row, got shape {array.shape}")
    return array
