"""A study as one file of other tools."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from fathometer.evidence import InputError
from fathometer.study.store._open import open as open_study


def netcdf_bytes(folder: Path) -> bytes:
    """Return a study as netCDF of version 3, which SciPy writes and everything reads.

    Whole numbers and truths are floats there, and what is missing among texts is the empty text.

    Args:
        folder: of the study.

    Raises:
        InputError: if it holds none, or xarray is not installed.
    """
    dataset = open_study(folder).load()
    plain = dataset.assign({name: _plain(variable) for name, variable in dataset.data_vars.items()})
    plain = plain.assign_coords({name: _plain(variable) for name, variable in dataset.coords.items()})
    return bytes(plain.to_netcdf(engine="scipy"))


def write_zarr(folder: Path, target: Path) -> None:
    """Write a study as a folder of zarr, of format 2, which keeps texts in a way that everything reads; in one step.

    Args:
        folder: of the study.
        target: where to; a folder of zarr that is there is written anew.

    Raises:
        InputError: if it holds none, something else is at the target, or xarray is not installed.
    """
    _check_target(target)
    dataset = open_study(folder).load()
    texts = {name: _plain(one) for name, one in dataset.variables.items() if one.dtype == object}
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as draft:
        dataset.assign({k: v for k, v in texts.items() if k in dataset.data_vars}).to_zarr(
            Path(draft) / "new", mode="w", consolidated=True, zarr_format=2
        )
        if target.exists():
            target.replace(Path(draft) / "old")
        (Path(draft) / "new").replace(target)


def _check_target(target: Path) -> None:
    """Find out whether a folder of zarr can be written.

    Raises:
        InputError: if something else is there, or its folder cannot be written to.
    """
    from fathometer.report import check_folder  # slow to import

    check_folder(target.parent)
    try:
        there = target.exists()
    except OSError as error:  # a name that is too long
        raise InputError(f"{str(target)!r} must be a folder that can be made: {error.strerror}") from error
    if there and not any((target / name).is_file() for name in (".zgroup", "zarr.json")):
        raise InputError(f"{str(target)!r} is there and holds no zarr: only a folder of zarr is written anew")


def _plain(variable: Any) -> tuple[Any, ...]:
    """Dimensions, values that every file takes, and attributes."""
    values = np.asarray(variable)
    if values.dtype == object:
        values = np.array(["" if value is None else str(value) for value in values.ravel()]).reshape(values.shape)
    elif values.dtype.kind in "iub":
        values = values.astype(np.float64)
    return variable.dims, values, variable.attrs
