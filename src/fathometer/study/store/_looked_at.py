"""Arrays of zarr that are read when they are looked at, and are never those of another run."""

from collections.abc import Callable
from typing import Any

import xarray  # an extra
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from fathometer.evidence import InputError


class _Unreplaced(BackendArray):
    """An array that is refused once another one may lie in its place.

    Args:
        variable: that is read when it is looked at.
        same: whether the folder is still the one that was opened.
        folder: its name.
    """

    def __init__(self, variable: xarray.Variable, same: Callable[[], bool], folder: str) -> None:
        self.shape, self.dtype = variable.shape, variable.dtype
        self._variable, self._same, self._folder = variable, same, folder

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> NDArray:
        try:
            values, fault = self._variable[key].to_numpy(), None
        except (OSError, ValueError, KeyError) as error:  # other shapes, or a folder that is gone
            values, fault = None, error
        if not self._same():  # afterwards: what was put in its place in between is not given out
            raise InputError(f"{self._folder!r} was written anew by another run: open the study again") from fault
        if values is None:
            raise fault or InputError(f"{self._folder!r} cannot be read")
        return values


def looked_at(dataset: xarray.Dataset, same: Callable[[], bool], folder: str) -> xarray.Dataset:
    """The same arrays, each read when it is looked at.

    Args:
        dataset: of a zarr folder.
        same: whether the folder is still the one that was opened.
        folder: its name.
    """
    return dataset.assign(
        {
            str(name): (
                one.dims,
                indexing.LazilyIndexedArray(_Unreplaced(one.variable, same, folder)),
                {key: value for key, value in one.attrs.items() if key != "_FillValue"},
            )
            for name, one in dataset.data_vars.items()
        }
    )
