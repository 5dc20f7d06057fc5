"""Loops over single things, compiled to machine code: for what no array operation says."""

import inspect
from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable)

_FREEDOM = {"contract", "nsz"}
"""A product and a sum may be rounded once. Nothing is taken in another order: that can overflow on its way."""


def native(function: Function) -> Function:
    """Compile a function of arrays and numbers by numba, at its first call, and keep the code for other processes.

    What it calls must be compiled in this way, too, and stand in the same file, as all values that it uses: kept code
    is made anew when that file has changed, and not for another one. Where no folder may be written to, every process
    compiles for itself.
    """
    plain = inspect.unwrap(function)  # without the checks of annotations that tests put around it
    try:
        return _compiled(plain, cache=True)
    except RuntimeError:  # no folder to keep code in that may be written to
        return _compiled(plain, cache=False)


def _compiled(plain: Function, cache: bool) -> Function:
    from numba import njit

    return njit(cache=cache, error_model="numpy", fastmath=_FREEDOM)(plain)  # type: ignore[return-value]
