"""Rows of a data set in chunks: arrays, batches, or a loader that gives the same rows every time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, whole_number

Batch = tuple[Any, ...]
"""What a loss receives after the model: (X, y), or one dictionary."""

ROWS_AT_ONCE = 1000
"""Rows of a chunk where arrays are given without batches of their own."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, eq=False)
class Chunks:
    """All rows of a data set, one chunk after another, the same ones on every pass.

    Attributes:
        rows: how many there are.
        notes: what was done to the data, in whole sentences.
    """

    source: Iterable[Any]
    chunk: int | None
    rows: int
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[Batch, int]]:
        """Go through the data.

        Yields:
            A chunk and its number of rows.
        """
        for item in self.source:
            batch = mapped(_native, as_batch(item))
            yield from _pieces(batch, rows_of(batch), self.chunk)


def chunks_of(data: Any, chunk: int | None = None) -> Chunks:
    """Read data of any of the allowed kinds.

    Args:
        data: a tuple (X, y) of arrays, one dictionary of arrays, a list of batches, or a loader: an iterable of
            batches that gives the same rows on every pass. What can be passed only once is kept in memory.
        chunk: rows that are computed at once; the batches as they are given if None, and 1000 rows of arrays.

    Raises:
        InputError: if there are no rows, arrays differ in length, or two passes over a loader give different rows.
    """
    size = None if chunk is None else whole_number("chunk", chunk, at_least=1)
    if _is_one_batch(data):
        return _counted([data], size or ROWS_AT_ONCE)
    if isinstance(data, (str, bytes)) or not hasattr(data, "__iter__"):
        raise InputError(f"data must be (X, y), a dictionary, a list of batches or a loader, got {type(data).__name__}")
    if isinstance(data, (list, tuple)):
        return _counted(data, size)
    if iter(data) is data:
        return _counted(list(data), size, "The data could be passed only once: they are kept in memory.")
    return _of_loader(data, size)


def _is_one_batch(data: Any) -> bool:
    if isinstance(data, Mapping) or is_array(data):
        return True
    return (
        isinstance(data, (tuple, list))
        and 0 < len(data) <= 3
        and all(is_array(part) or (isinstance(part, Mapping) and isinstance(data, tuple)) for part in data)
        and any(is_array(part) for part in data)
    )


def _counted(source: Iterable[Any], chunk: int | None, *notes: str) -> Chunks:
    rows = sum(rows_of(as_batch(item)) for item in source)
    return Chunks(source, chunk, _some(rows), notes)


def _some(rows: int) -> int:
    """The number of rows.

    Raises:
        InputError: if it is zero.
    """
    if not rows:
        raise InputError("data must hold at least one row, got an empty set or loader")
    return rows


def _of_loader(loader: Iterable[Any], chunk: int | None) -> Chunks:
    """A loader that gives the same rows in the same order twice; one that shuffles is kept as its first pass.

    Raises:
        InputError: if it gives other rows each time.
    """
    first, second = (_digests(loader) for _ in range(2))
    if np.array_equal(first, second):
        return Chunks(loader, chunk, _some(len(first)))
    if not np.array_equal(np.sort(first), np.sort(second)):
        raise InputError(
            "the loader must give the same rows on every pass, got others on the second: random augmentation, or"
            " shuffling with drop_last"
        )
    note = "The loader shuffles: one pass over it is kept in memory, and its order does not matter."
    return _counted([as_batch(item) for item in loader], chunk, note)


def _digests(loader: Iterable[Any]) -> NDArray[np.uint64]:
    parts = [row_digests(as_batch(item)) for item in loader]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def is_array(value: Any) -> bool:
    """Whether this is an array of numbers with at least one axis: NumPy's, JAX's or torch's."""
    return hasattr(value, "shape") and hasattr(value, "dtype") and len(value.shape) > 0


def as_batch(item: Any) -> Batch:
    """A batch as the arguments of a loss after the model."""
    if isinstance(item, Mapping):
        return (dict(item),)
    return tuple(item) if isinstance(item, (tuple, list)) else (item,)


def mapped(function: Any, tree: Any) -> Any:
    """The same nesting of dictionaries, tuples and lists with a function applied to its arrays."""
    if isinstance(tree, Mapping):
        return {key: mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return tuple(mapped(function, value) for value in tree)
    return function(tree) if is_array(tree) else tree


def arrays_of(tree: Any) -> list[Any]:
    """The arrays of a nesting, in order."""
    kept: list[Any] = []
    mapped(kept.append, tree)
    return kept


def _native(array: Any) -> Any:
    """The array in the byte order of this machine, which no framework does without."""
    swapped = isinstance(array, np.ndarray) and not array.dtype.isnative
    return array.astype(array.dtype.newbyteorder("=")) if swapped else array


def rows_of(batch: Batch) -> int:
    """How many rows a batch has.

    Raises:
        InputError: if its arrays differ in length, there is none, or one holds texts or objects.
    """
    arrays = arrays_of(batch)
    if strange := [array.dtype for array in arrays if getattr(array.dtype, "kind", "f") in "OSUMm"]:
        raise InputError(f"arrays of a batch must hold numbers, got {strange[0]}")
    lengths = {int(array.shape[0]) for array in arrays}
    if len(lengths) != 1:
        raise InputError(f"all arrays of a batch must have the same number of rows, got {sorted(lengths)}")
    return lengths.pop()


def _pieces(batch: Batch, rows: int, chunk: int | None) -> Iterator[tuple[Batch, int]]:
    if chunk is None or rows <= chunk:
        if rows:
            yield batch, rows
        return
    for start in range(0, rows, chunk):
        stop = min(rows, start + chunk)
        yield mapped(lambda array, part=slice(start, stop): array[part], batch), stop - start


def row_digests(batch: Batch) -> NDArray[np.uint64]:
    """A number for each row that depends on everything in it."""
    total = np.zeros(rows_of(batch), np.uint64)
    for array in arrays_of(batch):
        total = (total ^ (total >> np.uint64(29))) * _MIX + _array_digests(np.asarray(array))
    return total


def _array_digests(array: NDArray[Any]) -> NDArray[np.uint64]:
    rows = np.ascontiguousarray(array).reshape(len(array), -1).view(np.uint8) if array.size else np.zeros((0, 1), "u1")
    words = np.zeros((len(rows), -(-rows.shape[1] // 8) * 8), np.uint8)
    words[:, : rows.shape[1]] = rows
    weights = np.random.default_rng(0).integers(1, 2**64, words.shape[1] // 8, np.uint64) | np.uint64(1)
    mixed = words.view(np.uint64)
    return ((mixed ^ (mixed >> np.uint64(31))) * weights).sum(axis=1, dtype=np.uint64)
