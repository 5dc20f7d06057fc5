"""Independent pieces of a long computation, each kept as soon as it is finished."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Cell = Mapping[str, Any]
"""What to compute, in JSON values; its digest names the file."""
Arrays = dict[str, NDArray[np.float64]]


def run_cells(
    cells: Sequence[Cell],
    compute: Callable[[Cell], Arrays],
    folder: Path | None = None,
    announce: Callable[[str], None] | None = None,
) -> list[Arrays]:
    """Compute all cells, as many at a time as there are processors.

    Args:
        cells: what to compute; equal descriptions must give equal results.
        compute: from a cell to named arrays.
        folder: where each finished cell is written, in one step, and found again by the next call; None keeps nothing.
        announce: is told how many cells are finished.

    Returns:
        The arrays of each cell, in order.
    """

    def one(cell: Cell) -> Arrays:
        path = None if folder is None else folder / f"{_digest(cell)}.npz"
        kept = None if path is None else _read(path)
        if kept is not None:
            return kept
        arrays = compute(cell)
        if path is not None:
            _write(path, arrays)
        return arrays

    executor, results = ThreadPoolExecutor(os.cpu_count()), []
    with threadpool_limits(
        1
    ):  # cells are the parallel part: threads of BLAS inside them would only wait for each other
        try:
            for arrays in executor.map(one, cells):
                results.append(arrays)
                if announce is not None:
                    announce(f"{len(results)} of {len(cells)} cells")
        finally:
            executor.shutdown(cancel_futures=True)
    return results


def _digest(cell: Cell) -> str:
    return hashlib.sha256(json.dumps(cell, sort_keys=True).encode()).hexdigest()[:24]


def _write(path: Path, arrays: Arrays) -> None:
    from fathometer.report import write_bytes  # slow to import, and few need it

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())


def _read(path: Path) -> Arrays | None:
    """The arrays of a finished cell; None if there is no whole file."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as archive:
            return dict(archive)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
