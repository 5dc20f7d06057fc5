"""What a computation gave, held against what it promised."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from fathometer.evidence import Status, Verdict
from fathometer.study._computation import Column, Computation, Computed, Scalar
from fathometer.study.engines._engine import Outcome
from fathometer.study.engines._one_cell import failed, one_line

_KINDS: Mapping[type, tuple[type, ...]] = {
    float: (float, int, np.floating, np.integer),
    int: (int, np.integer),
    bool: (bool, np.bool_),
    str: (str,),
}


def checked(outcome: Outcome, computation: Computation) -> Outcome:
    """The outcome with plain values; a failed one if they are not as the computation says, or cannot be kept.

    Args:
        outcome: of a cell.
        computation: that gave it.
    """
    computed = outcome.computed
    if computed is None and outcome.error:
        return replace(outcome, error=_text(outcome.error), traceback=_text(outcome.traceback))
    try:
        complaint = _complaint(computed, computation)
        if computed is not None and not complaint:
            return replace(outcome, computed=_plain(computed, computation))
    except Exception as error:  # whatever a computation may give: it is this cell that fails, not the study
        complaint = f"gave what cannot be kept: {one_line(error)}"
    line = _text(f"InputError: {computation.name} {complaint}")
    return failed(outcome.cell, line, "", outcome.seconds, outcome.machine)


def _plain(computed: Computed, computation: Computation) -> Computed:
    """The same in values that every file takes.

    Raises:
        OverflowError: if a number is too large for its column.
        ValueError: if a margin is no number.
        TypeError: if it is something else.
    """
    return Computed(
        {name: _value(computed.values[name], column) for name, column in computation.columns.items()},
        tuple(_judged(verdict) for verdict in computed.verdicts),
        {name: np.asarray(array) for name, array in computed.arrays.items()},
    )


def _value(value: Scalar, column: Column) -> Scalar:
    if value is None:
        return None
    return _text(value) if column.kind is str else column.kind(value)


def _judged(verdict: Verdict) -> Verdict:
    margin = None if verdict.margin is None else float(verdict.margin)
    finite = margin if margin is not None and math.isfinite(margin) else None
    return Verdict(Status(verdict.status), finite, _text(verdict.explanation), _text(verdict.theorem))


def _text(text: object) -> str:
    """A text that can be written as UTF-8: names of files may have bytes that cannot."""
    return str(text).encode("utf-8", "backslashreplace").decode()


def _complaint(computed: Any, computation: Computation) -> str:
    """What is wrong, in words; empty if nothing is."""
    if not isinstance(computed, Computed):
        return f"must return Computed, got {type(computed).__name__}"
    if set(computed.values) != set(computation.columns):
        return f"must give the columns {', '.join(computation.columns)}, got {', '.join(computed.values) or 'none'}"
    for name, column in computation.columns.items():
        if not _allowed(computed.values[name], column.kind):
            return f"column {name!r} must be {column.kind.__name__} or None, got {computed.values[name]!r:.80}"
    for name, array in computed.arrays.items():
        if complaint := _array_complaint(name, np.asarray(array), computation):
            return complaint
    if any(not isinstance(one, Verdict) or not one.theorem for one in computed.verdicts):
        return "must give verdicts that name what was judged"
    return ""


def _allowed(value: Scalar, kind: type) -> bool:
    if value is None:
        return True
    if kind is not bool and isinstance(value, bool | np.bool_):
        return False
    if not isinstance(value, _KINDS[kind]):
        return False
    return kind is not int or -(2**63) <= int(value) < 2**63


def _array_complaint(name: str, array: np.ndarray, computation: Computation) -> str:
    axes = computation.axes.get(name)
    if axes is None:
        return f"gave an array {name!r} that it does not name; it names {', '.join(computation.axes) or 'none'}"
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:  # no file takes longer ones
        return f"array {name!r} must be of real numbers of at most 64 bits, got {array.dtype}"
    return "" if array.ndim == len(axes) else f"array {name!r} must have axes {', '.join(axes)}, got {array.shape}"
