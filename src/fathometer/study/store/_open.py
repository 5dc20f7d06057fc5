"""A study as an xarray Dataset."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.study.store._arrays import (
    NAME,
    NEEDED,
    coordinates,
    handle_of,
    is_whole,
    outer_dimensions,
    stacks,
    zarr_facts,
)
from fathometer.study.store._layout import Layout
from fathometer.study.store._study import Study

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray

_LEFT_OUT = ("traceback",)
_SMALL = 2**26
"""Bytes of all arrays that are read at once."""


def open(folder: Path | str) -> "xarray.Dataset":  # noqa: A001
    """Open the folder of a study: its table and its arrays, with the axes of the grid and the seed as dimensions.

    A study with a sampler has the dimension `cell` instead, with the parameters and seeds along it. Cells that are not
    there are NaN, or empty texts; columns of whole numbers and of true or false become floats where some are
    missing. Small arrays are read at once, others from the disk when they are looked at: if another run has
    written the arrays anew by then, that is refused in one line.

    Args:
        folder: of a study.

    Raises:
        InputError: if it holds none, or xarray is not installed.
    """
    study = Study(folder)
    try:
        import xarray
    except ImportError as error:
        raise InputError(NEEDED) from error
    layout, table = study.layout, study.table()
    names, sizes = outer_dimensions(layout)
    inputs = (*layout.parameters, "seed")
    columns = [name for name in table.column_names if name not in inputs and name not in _LEFT_OUT]
    place = _places(layout, table)
    data: dict[str, Any] = {
        "address" if name == "cell" else name: (names, _spread(table.column(name), place, len(layout.cells), sizes))
        for name in columns
    }
    for name, column in layout.columns.items():
        data[name] = (*data[name], {"meaning": column.meaning})
    dataset = xarray.Dataset(data, _coordinates(layout), _facts(study))
    return dataset.assign(_arrays(study.folder, layout).data_vars)


def _places(layout: Layout, table: "pa.Table") -> NDArray[np.int64]:
    """The position of each row among the cells."""
    if table.num_rows == len(layout.cells):
        return np.arange(table.num_rows)
    positions = {layout.cells.address(k): k for k in range(len(layout.cells))}
    return np.array([positions[cell] for cell in table.column("cell").to_pylist()], np.int64)


def _spread(column: "pa.ChunkedArray", place: NDArray[np.int64], cells: int, shape: tuple[int, ...]) -> NDArray:
    """A column at the positions of its rows, in the shape of the study."""
    import pyarrow as pa

    kind, whole = column.type, column.null_count == 0 and len(place) == cells
    if pa.types.is_string(kind):
        spread = np.full(cells, "", object)
        spread[place] = np.array([text or "" for text in column.to_pylist()], object)
    elif whole:
        spread = np.asarray(column)
    else:
        spread = np.full(cells, np.nan)
        spread[place] = np.array([np.nan if value is None else float(value) for value in column.to_pylist()])
    return spread.reshape(shape)


def _coordinates(layout: Layout) -> dict[str, Any]:
    if not layout.space.samples:
        return dict(coordinates(layout))
    cells = [layout.cells[k] for k in range(len(layout.cells))]
    varying = [*layout.space.axes, *layout.space.samples[0]]
    plain = [name for name in varying if layout.parameters[name] != "numbers"]
    along = {name: ("cell", np.array([cell.parameters[name] for cell in cells])) for name in plain}
    return along | {"seed": ("cell", np.array([cell.seed for cell in cells]))}


def _facts(study: Study) -> dict[str, Any]:
    """What a file can keep beside the arrays: texts and numbers."""
    return {
        "title": study.title,
        "computation": study.computation,
        "code": study.layout.document["code"],
        "fixed": json.dumps(dict(study.layout.space.fixed)),
        "provenance": json.dumps(study.layout.document["provenance"]),
    }


def _arrays(folder: Path, layout: Layout) -> "xarray.Dataset":
    """The arrays from zarr, or where that is not up to date, from what the journal has."""
    import xarray

    facts = zarr_facts(folder)
    if facts is not None and is_whole(folder, layout):
        return _from_zarr(folder, layout, facts)
    found = stacks(folder, layout)
    if not found:
        return xarray.Dataset()
    file = handle_of(folder)
    try:
        return xarray.Dataset(
            {
                name: (stack.dimensions, stack.block(file, tuple(slice(0, n) for n in stack.shape[: stack.outer])))
                for name, stack in found.items()
            }
        )
    finally:
        os.close(file)


def _from_zarr(folder: Path, layout: Layout, facts: tuple[str, int]) -> "xarray.Dataset":
    """The arrays of zarr, as long as its folder is the one that has these facts."""
    import xarray

    from fathometer.study.store._looked_at import looked_at  # needs xarray

    opened = xarray.open_dataset(folder / NAME, engine="zarr", chunks=None, consolidated=True, mask_and_scale=False)
    arrays = opened.drop_vars(list(coordinates(layout)), errors="ignore")
    kept = looked_at(arrays, lambda: zarr_facts(folder) == facts, str(folder / NAME))
    return kept.load() if kept.nbytes <= _SMALL else kept
