"""Refusal of impossible values: one line that names the value and what is allowed."""

import datetime
import decimal
import math
import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_REFUSED = {
    "c": ("complex numbers", "give the real and the imaginary part as columns of their own, or one of the two"),
    "M": ("dates or times", "give numbers in a unit that you choose, such as days since a first day"),
    "m": ("durations", "give numbers in a unit that you choose, such as seconds"),
    "U": ("text", "give numbers"),
    "category": ("categories", "give numbers, such as one column of 0 and 1 for each category"),
    "V": ("records of several fields or raw bytes", "give one array of numbers for each field"),
    "O": ("objects", "give numbers"),
}
"""What is not taken for a number, by the kind of an array's elements, and what to do."""

_OBJECT_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((str, bytes), "U"),
    ((datetime.date, datetime.time, np.datetime64), "M"),
    ((datetime.timedelta, np.timedelta64), "m"),
    (numbers.Real, ""),
    ((decimal.Decimal, np.bool_), ""),
    (numbers.Complex, "c"),
)
"""Kinds of single objects; the empty one is a real number. NumPy counts its durations among the integers."""

EXACT_UP_TO = 2**53
"""Whole numbers up to which float64 holds every one."""


class InputError(ValueError):
    """A value from outside cannot be used; the message says which one and what is allowed."""


def finite_array(name: str, values: ArrayLike, ndim: int | None = None) -> NDArray[np.float64]:
    """Read an array of finite numbers as a read-only float64 copy.

    What is a number is said by `real_array`.

    Args:
        name: what the message calls the array.
        values: numbers of any real type.
        ndim: the number of dimensions that is required, or None for any.

    Raises:
        InputError: if the array is not of real numbers, has another number of dimensions, or holds NaN, infinity or a
            missing value, whose index is named, counted from 0.
    """
    array = real_array(name, values)
    if ndim is not None and array.ndim != ndim:
        raise InputError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    if not np.all(usable := np.isfinite(array)):
        place = np.argwhere(~usable)[0]
        raise InputError(f"{name} must be finite, got {array[tuple(place)]}{_place(place)}")
    array.setflags(write=False)
    return array


def real_array(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Read an array of real numbers as a float64 copy; the one place where numbers from outside are converted.

    Booleans are 0 and 1. Fractions are rounded to the nearest float64, as decimal text is; whole numbers must be held
    exactly. Missing values (None, masked, pandas' NA and NaT among numbers) are NaN, for the caller to refuse.

    Args:
        name: what the message calls the array.
        values: an array, a data frame, nested sequences or one number.

    Raises:
        InputError: if values are complex, dates, durations, text, categories, records, other objects or a sparse
            matrix, rows have unequal lengths, or a number overflows, vanishes or loses digits in float64.
    """
    if _is_frame(values):
        columns = [real_array(f"column {label!r} of {name}", column) for label, column in values.items()]  # type: ignore[union-attr]
        return np.column_stack(columns) if columns else np.empty((len(values), 0))  # type: ignore[arg-type]
    if str(getattr(values, "dtype", "")) == "category":
        raise InputError(_refusal(name, "category"))
    given = _plain(name, values)
    array = _converted(name, np.ma.getdata(given))
    if np.ma.isMaskedArray(given):
        array[np.ma.getmaskarray(given)] = np.nan
    return array


def label_array(name: str, values: ArrayLike) -> NDArray:
    """Read labels as they are: text, true/false or finite numbers, none missing.

    Args:
        name: what the message calls the array.
        values: shape (n,).

    Raises:
        InputError: if a label is missing or of another kind; its row is named, counted from 1.
    """
    given = _plain(name, values)
    labels = np.ma.getdata(given)
    masked = np.flatnonzero(np.ma.getmaskarray(given)) if np.ma.isMaskedArray(given) else ()
    if labels.dtype.kind in "biuf":
        missing = (*masked, *np.flatnonzero(~np.isfinite(labels)))
        if missing:
            raise InputError(f"{name} has a missing or infinite value in row {min(missing) + 1}")
        return labels
    each = labels.reshape(-1).tolist()
    named = labels.dtype.kind in "OUT"
    missing = (*masked, *(row for row, label in enumerate(each) if not (named and _is_label(label))))
    if missing:
        raise InputError(f"{name} has no label (text, true/false or a number) in row {min(missing) + 1}")
    texts = sum(isinstance(label, str) for label in each)
    if 0 < texts < len(each):
        raise InputError(f"{name} must hold labels of one kind, got text beside other labels: write all as text")
    return labels.astype(str) if texts else np.array(each).reshape(labels.shape)


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

    Args:
        name: what the message calls the number.
        value: a real number, or its text.
        above: what it must be larger than.
        below: what it must be smaller than.
        at_least: the smallest that is allowed.
        at_most: the largest that is allowed.

    Raises:
        InputError: if the value is not a number, not finite or outside the interval.
    """
    number = _float(name, value)
    inside = above < number < below and at_least <= number <= at_most
    if not (math.isfinite(number) and inside):
        limits = [
            f"{sign} {limit:g}"
            for sign, limit in ((">", above), ("<", below), (">=", at_least), ("<=", at_most))
            if math.isfinite(limit)
        ]
        asked = limits if limits and math.isfinite(number) else ["finite", *limits]
        raise InputError(f"{name} must be {' and '.join(asked)}, got {value}")
    return number


def whole_number(name: str, value: Any, *, at_least: int, at_most: int | None = None) -> int:
    """Read an integer inside a closed interval, with all its digits.

    Args:
        name: what the message calls the number.
        value: a whole number of any type, or its text.
        at_least: the smallest that is allowed.
        at_most: the largest that is allowed; None for no limit.

    Raises:
        InputError: if the value is not an integer or outside the interval.
    """
    number = finite_number(name, value, at_least=at_least, at_most=math.inf if at_most is None else at_most)
    if number != int(number):
        raise InputError(f"{name} must be a whole number, got {value}")
    try:
        exact = int(value)  # not int(number), which has lost the digits beyond 2^53
    except (TypeError, ValueError):
        exact = int(number)
    if at_most is not None and exact > at_most:
        raise InputError(f"{name} must be >= {at_least} and <= {at_most}, got {value}")
    return exact


def _float(name: str, value: Any) -> float:
    """One number as a float.

    Raises:
        InputError: if it is none, or too large for a float.
    """
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("c", "M", "m") or isinstance(value, bytes) or value is np.ma.masked:
        raise InputError(f"{name} must be a number, got {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be a number, got {value!r}") from error
    except OverflowError as error:
        raise InputError(f"{name} must be finite and below 1.8e308 in size, got a larger number") from error


def _is_frame(values: Any) -> bool:
    """Whether it is a table whose columns have kinds of their own, as pandas has it."""
    return getattr(values, "ndim", 0) == 2 and hasattr(values, "columns") and callable(getattr(values, "items", None))


def _plain(name: str, values: ArrayLike) -> NDArray:
    """The values as an array of whatever kind they have, masked if they are.

    Raises:
        InputError: if they are a sparse matrix, or no array can be made of them.
    """
    if callable(getattr(values, "toarray", None)):
        raise InputError(f"{name} must be an array of numbers, got a sparse matrix: give .toarray() of it")
    given: Any = values
    if isinstance(given, list | tuple) and any(map(np.ma.isMaskedArray, given)):
        given = [math.nan if value is np.ma.masked else value for value in given]
        given = np.ma.array(given) if any(map(np.ma.isMaskedArray, given)) else given
    try:
        return np.asanyarray(given)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        reason = "rows of unequal length" if "inhomogeneous" in str(error) else type(values).__name__
        raise InputError(f"{name} must be an array of numbers, got {reason}") from error


def _converted(name: str, given: NDArray) -> NDArray[np.float64]:
    """Real numbers of any kind as a float64 copy; missing objects as NaN.

    Raises:
        InputError: if they are of another kind, or a number does not fit.
    """
    kind = "U" if given.dtype.kind in "ST" else given.dtype.kind
    if kind == "O":
        array = np.empty(given.shape)
        for place, value in np.ndenumerate(given):
            array[place] = _from_object(name, value, place)
        return array
    if kind in _REFUSED and not (given.dtype.names is None and np.can_cast(given.dtype, np.float64)):
        raise InputError(_refusal(name, kind))
    with np.errstate(over="ignore", under="ignore"):
        array = np.array(given, np.float64)
    if kind in "iu":
        _refuse_first(name, given, _digits_lost(given, array), "which float64 cannot hold: subtract or divide first")
    elif given.dtype.itemsize > array.itemsize:
        outside = (given != 0) & (array == 0) | np.isfinite(given) & np.isinf(array)
        _refuse_first(name, given, outside, "which is outside the range of float64: scale first")
    return array


def _from_object(name: str, value: object, place: tuple[int, ...]) -> float:
    """One Python object as a float, NaN if it is missing.

    Raises:
        InputError: if it is no real number or does not fit.
    """
    if value is None or type(value).__name__ == "NAType":
        return math.nan
    kind = next((kind for types, kind in _OBJECT_KINDS if isinstance(value, types)), "O")
    if kind:
        raise InputError(_refusal(name, kind, place))
    number = _float(f"{name}{_place(place)}", value)
    large = math.isfinite(number) and abs(number) >= EXACT_UP_TO
    if (number == 0 and value != 0) or (large and value == int(value) != int(number)):  # type: ignore[call-overload]
        raise InputError(f"{name} has {value}{_place(place)}, which float64 cannot hold: subtract or scale first")
    return number


def _digits_lost(given: NDArray, array: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a whole number has more binary digits, without the zeros at its end, than float64 has."""
    if np.max(np.abs(array), initial=0) < EXACT_UP_TO:
        return np.zeros(given.shape, bool)
    lowest = given & (~given + given.dtype.type(1))
    odd = given // np.where(given == 0, given.dtype.type(1), lowest)
    return np.abs(odd) > EXACT_UP_TO


def _refuse_first(name: str, given: NDArray, bad: NDArray[np.bool_], reason: str) -> None:
    """Refuse the first element that is marked.

    Raises:
        InputError: if there is one.
    """
    if np.any(bad):
        place = np.argwhere(bad)[0]
        raise InputError(f"{name} has {given[tuple(place)]!s}{_place(place)}, {reason}")


def _refusal(name: str, kind: str, place: tuple[int, ...] = ()) -> str:
    what, remedy = _REFUSED[kind]
    return f"{name} must be an array of numbers, got {what}{_place(place)}: {remedy}"


def _is_label(label: object) -> bool:
    if isinstance(label, str):
        return label != ""
    return isinstance(label, numbers.Real | np.bool_) and math.isfinite(label)


def _place(index: Any) -> str:
    """Where an element is, counted from 0; nothing for a single number."""
    return f" at index {tuple(int(i) for i in index)}" if len(index) else ""
