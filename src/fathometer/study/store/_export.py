"""A study as one file of other tools."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

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
        target: where to; must not be there.

    Raises:
        InputError: if it holds none, or xarray is not installed.
    """
    dataset = open_study(folder).load()
    texts = {name: _plain(one) for name, one in dataset.variables.items() if one.dtype == object}
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    dataset.assign({k: v for k, v in texts.items() if k in dataset.data_vars}).to_zarr(
        draft, mode="w", consolidated=True, zarr_format=2
    )
    draft.rename(target)


def _plain(variable: Any) -> tuple[Any, ...]:
    """Dimensions, values that every file takes, and attributes."""
    values = np.asarray(variable)
    if values.dtype == object:
        values = np.array(["" if value is None else str(value) for value in values.ravel()]).reshape(values.shape)
    elif values.dtype.kind in "iub":
        values = values.astype(np.float64)
    return variable.dims, values, variable.attrs
