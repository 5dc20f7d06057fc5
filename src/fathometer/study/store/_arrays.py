"""The arrays of all cells in one zarr folder, each axis of the study a dimension."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.study.store._journal import ARRAYS, read_array, read_entries, whole_length
from fathometer.study.store._layout import Layout
from fathometer.study.store._record import Place

NAME = "arrays.zarr"
NEEDED = "arrays in zarr need xarray and zarr: pip install 'fathometer[store]'"
_CHUNK = 2**22  # bytes


@dataclass(frozen=True)
class Stack:
    """One array of all cells.

    Attributes:
        dimensions: of the study, and those of the array itself.
        shape: as many numbers.
        dtype: float64 where cells are missing or of other lengths, which NaN fills.
        places: of the cells that have it, by position.
    """

    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype
    places: Mapping[int, Place]

    @property
    def inner(self) -> int:
        """How many dimensions the array itself has."""
        return len(self.shape) - self.outer

    @property
    def outer(self) -> int:
        """How many dimensions the study has."""
        return len(self.dimensions) - len(next(iter(self.places.values())).shape)

    def block(self, file: int, where: tuple[slice, ...]) -> NDArray:
        """Read the cells of a part of the study.

        Args:
            file: handle of the file of arrays.
            where: a slice for each dimension of the study.
        """
        sizes = [len(range(*part.indices(n))) for part, n in zip(where, self.shape, strict=False)]
        found = np.full((*sizes, *self.shape[self.outer :]), np.nan if self.dtype.kind == "f" else 0, self.dtype)
        for place in np.ndindex(*sizes):
            index = [part.start + k for part, k in zip(where, place, strict=True)]
            position = int(np.ravel_multi_index(index, self.shape[: self.outer]))
            if position in self.places:
                array = read_array(file, self.places[position])
                found[(*place, *map(slice, array.shape))] = array
        return found


def outer_dimensions(layout: Layout) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Names and lengths of the dimensions of a study: the grid's axes and the seed; the cell if there are samples."""
    space = layout.space
    if space.samples:
        return ("cell",), (len(space),)
    return (*space.axes, "seed"), (*map(len, space.axes.values()), len(space.seeds))


def stacks(folder: Path, layout: Layout) -> dict[str, Stack]:
    """Find where the arrays of a study are, by name."""
    positions = {layout.cells.address(k): k for k in range(len(layout.cells))}
    places: dict[str, dict[int, Place]] = {name: {} for name in layout.axes}
    for entry in read_entries(folder):
        if entry.cell in positions:
            for name, place in entry.arrays.items():
                places[name][positions[entry.cell]] = place
    used = {name: found for name, found in places.items() if found}
    lengths = _lengths(layout, used)
    names, sizes = outer_dimensions(layout)
    return {
        name: Stack(
            (*names, *layout.axes[name]),
            (*sizes, *(lengths[axis] for axis in layout.axes[name])),
            _dtype(found, len(layout.cells), tuple(lengths[axis] for axis in layout.axes[name])),
            found,
        )
        for name, found in used.items()
    }


def write_arrays(folder: Path, layout: Layout) -> None:
    """Write the arrays as a zarr folder, in the place of an earlier one, unless it has all of them.

    Raises:
        ImportError: if zarr is not installed.
        OSError: if there is no room.
    """
    if not (folder / ARRAYS).stat().st_size or is_whole(folder, layout):
        return
    length = whole_length(folder)
    import zarr  # an extra

    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{NAME}.") as draft, (folder / ARRAYS).open("rb") as file:
        group = zarr.open_group(Path(draft) / "new", mode="w", zarr_format=2)
        group.attrs.update({"study": layout.digest, "journal": length, "title": layout.title})
        for name, coordinate in coordinates(layout).items():
            if coordinate.dtype.kind in "biuf":
                _made(group, name, (name,), coordinate.shape, coordinate.dtype, coordinate.shape)[:] = coordinate
        for name, stack in stacks(folder, layout).items():
            _write(group, name, stack, file.fileno())
        zarr.consolidate_metadata(group.store)
        if (folder / NAME).exists():
            (folder / NAME).replace(Path(draft) / "old")
        (Path(draft) / "new").replace(folder / NAME)


def is_whole(folder: Path, layout: Layout) -> bool:
    """Whether the zarr folder has all arrays of the journal."""
    return zarr_facts(folder) == (layout.digest, whole_length(folder))


def zarr_facts(folder: Path) -> tuple[str, int] | None:
    """Of what study the zarr folder is, and how many bytes of the journal it has; None if there is none."""
    try:
        facts = json.loads((folder / NAME / ".zattrs").read_bytes())
        return facts["study"], facts["journal"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def clear_drafts(folder: Path) -> None:
    """Remove what a killed process left of files that it had begun."""
    for path in folder.glob(".*.*"):
        if path.name.startswith((f".{NAME}.", ".table.parquet.", ".study.json.")):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def coordinates(layout: Layout) -> dict[str, NDArray]:
    """Values along each axis of a full grid; of lists, their numbers."""
    space = layout.space
    if space.samples:
        return {}
    axes = {
        name: np.arange(len(values)) if layout.parameters[name] == "numbers" else np.array(values)
        for name, values in space.axes.items()
    }
    return axes | {"seed": np.array(space.seeds)}


def _write(group: Any, name: str, stack: Stack, file: int) -> None:
    chunk = _chunk(stack)
    array = _made(group, name, stack.dimensions, stack.shape, stack.dtype, (*chunk, *stack.shape[stack.outer :]))
    for where in _blocks(stack.shape[: stack.outer], chunk):
        array[where] = stack.block(file, where)


def _made(group: Any, name: str, dimensions: tuple[str, ...], shape: Any, dtype: np.dtype, chunks: Any) -> Any:
    return group.create_array(
        name,
        shape=shape,
        dtype=dtype,
        chunks=tuple(max(1, size) for size in chunks),
        fill_value=np.nan if dtype.kind == "f" else None,  # xarray takes what is equal to it for missing
        attributes={"_ARRAY_DIMENSIONS": list(dimensions)},
    )


def _chunk(stack: Stack) -> tuple[int, ...]:
    """How many cells along each dimension of the study are in one file: whole dimensions from the last on."""
    size = max(1, int(np.prod(stack.shape[stack.outer :], dtype=np.int64)) * stack.dtype.itemsize)
    room, chunk = max(1, _CHUNK // size), []
    for length in reversed(stack.shape[: stack.outer]):
        chunk.append(max(1, min(length, room)))
        room = max(1, room // max(1, length))
    return tuple(chunk[::-1])


def _blocks(shape: tuple[int, ...], chunk: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    counts = [-(-length // size) for length, size in zip(shape, chunk, strict=True)]
    for place in np.ndindex(*counts):
        ends = zip(place, chunk, shape, strict=True)
        yield tuple(slice(k * size, min((k + 1) * size, length)) for k, size, length in ends)


def _lengths(layout: Layout, places: Mapping[str, Mapping[int, Place]]) -> dict[str, int]:
    """The largest length along each axis of the arrays themselves."""
    lengths: dict[str, int] = {}
    for name, found in places.items():
        for place in found.values():
            for axis, length in zip(layout.axes[name], place.shape, strict=True):
                lengths[axis] = max(lengths.get(axis, 0), length)
    return lengths


def _dtype(places: Mapping[int, Place], cells: int, shape: tuple[int, ...]) -> np.dtype:
    kinds = {place.kind for place in places.values()}
    padded = len(places) < cells or any(place.shape != shape for place in places.values())
    common = np.result_type(*map(np.dtype, kinds))
    return common if not padded or common.kind == "f" else np.dtype(np.float64)


def handle_of(folder: Path) -> int:
    """Open the file of arrays for reading."""
    return os.open(folder / ARRAYS, os.O_RDONLY)
