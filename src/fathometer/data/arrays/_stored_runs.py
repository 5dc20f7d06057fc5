"""Runs in files: every state along the axis, and what is known about them, as zarr folders or npz files."""

import io
import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Trajectory
from fathometer.report import write_bytes

STORES = (".npz", ".zarr")
_NEEDED = "a zarr folder needs xarray and zarr: pip install 'fathometer[store]', or take an npz file"


def check_store(path: Path) -> None:
    """Refuse a name that is of no kind of stored run, or of one that cannot be written here.

    Raises:
        InputError: if it ends neither in .npz nor in .zarr, or zarr is not installed.
    """
    if path.suffix.lower() not in STORES:
        raise InputError(f"a run is stored as *{' or *'.join(STORES)}, got {str(path)!r}")
    if path.suffix.lower() == ".zarr":
        _xarray()


def store_run(path: Path, run: Trajectory) -> None:
    """Write the states of a run and its description in one step, in the place of an earlier one.

    Args:
        path: an npz file, or a zarr folder, which xarray opens.
        run: with states.

    Raises:
        InputError: if it has no states, or the name is not as `check_store` wants it.
    """
    check_store(path)
    if not run.states:
        raise InputError("the states of this run were not kept: --engine plain keeps them")
    if path.suffix.lower() == ".zarr":
        _write_folder(path, run)
        return
    about = {"problem": run.problem.summary(), "provenance": run.provenance.to_json()}
    buffer = io.BytesIO()
    arrays = {str(run.axis.kind): run.axis.points, **run.states, "about": np.array(json.dumps(about))}
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())


def read_stored(path: Path) -> Mapping[str, NDArray]:
    """Read the arrays of a zarr folder, by name.

    Raises:
        InputError: if there is none, or it cannot be read.
    """
    xarray = _xarray()
    if not path.is_dir():
        raise InputError(f"no folder {str(path)!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of folders that others wrote, without consolidated metadata
            stored = xarray.open_dataset(path, engine="zarr")
            return {str(name): np.asarray(array.values) for name, array in stored.variables.items()}
    except Exception as error:  # of foreign bytes, zarr and its codecs raise what they like
        raise InputError(f"{path} is not a zarr folder of arrays") from error


def _write_folder(path: Path, run: Trajectory) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as draft:
        run.to_xarray().to_zarr(Path(draft) / "new", zarr_format=2, consolidated=True)
        if path.exists():
            path.replace(Path(draft) / "old")
        (Path(draft) / "new").replace(path)


def _xarray() -> Any:
    """The library, and zarr behind it.

    Raises:
        InputError: if one is not installed.
    """
    try:
        import xarray
        import zarr  # noqa: F401
    except ImportError as error:
        raise InputError(_NEEDED) from error
    return xarray
