"""Refusal of impossible values: one line that names the value and what is allowed."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class InputError(ValueError):
    """A value from outside cannot be used; the message says which one and what is allowed."""


def finite_array(name: str, values: ArrayLike, ndim: int | None = None) -> NDArray[np.float64]:
    """Read an array of finite numbers as a read-only float64 copy.

    Args:
        name: what the message calls the array.
        values: numbers of any real type.
        ndim: the number of dimensions that is required, or None for any.

    Raises:
        InputError: if the array is not numeric, has another number of dimensions, or holds NaN or infinity.
    """
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be an array of numbers") from error
    if ndim is not None and array.ndim != ndim:
        raise InputError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        where = "" if array.ndim == 0 else f" at index {tuple(int(i) for i in bad[0])}"
        raise InputError(f"{name} must be finite, got {array[tuple(bad[0])]}{where}")
    array.setflags(write=False)
    return array


def finite_number(
    name: str,
    value: Any,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    at_least: float = -math.inf,
    at_most: float = math.inf,
) -> float:
    """Read a finite number inside an interval; `above` and `below` are strict, the other two are not.

    Raises:
        InputError: if the value is not a number, not finite or outside the interval.
    """
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be a number, got {value!r}") from error
    inside = above < number < below and at_least <= number <= at_most
    if not (math.isfinite(number) and inside):
        limits = [
            f"{sign} {limit:g}"
            for sign, limit in ((">", above), ("<", below), (">=", at_least), ("<=", at_most))
            if math.isfinite(limit)
        ]
        raise InputError(f"{name} must be {' and '.join(limits) or 'finite'}, got {value}")
    return number


def whole_number(name: str, value: Any, *, at_least: int, at_most: int | None = None) -> int:
    """Read an integer inside a closed interval.

    Raises:
        InputError: if the value is not an integer or outside the interval.
    """
    number = finite_number(name, value, at_least=at_least, at_most=math.inf if at_most is None else at_most)
    if number != int(number):
        raise InputError(f"{name} must be a whole number, got {value}")
    return int(number)
