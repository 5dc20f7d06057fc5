"""What a computation gave, held against what it promised."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fathometer.evidence import Verdict
from fathometer.study._computation import Column, Computation, Computed, Scalar
from fathometer.study.engines._engine import Outcome
from fathometer.study.engines._one_cell import failed

_KINDS: Mapping[type, tuple[type, ...]] = {
    float: (float, int, np.floating, np.integer),
    int: (int, np.integer),
    bool: (bool, np.bool_),
    str: (str,),
}


def checked(outcome: Outcome, computation: Computation) -> Outcome:
    """The outcome with plain values; a failed one if they are not as the computation says.

    Args:
        outcome: of a cell.
        computation: that gave it.
    """
    computed = outcome.computed
    if computed is None:
        return outcome
    if complaint := _complaint(computed, computation):
        line = f"InputError: {computation.name} {complaint}"
        return failed(outcome.cell, line, "", outcome.seconds, outcome.machine)
    values = {name: _plain(computed.values[name], column) for name, column in computation.columns.items()}
    arrays = {name: np.asarray(array) for name, array in computed.arrays.items()}
    return Outcome(
        outcome.cell,
        Computed(values, tuple(computed.verdicts), arrays),
        seconds=outcome.seconds,
        machine=outcome.machine,
    )


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
    if array.dtype.kind not in "biuf":
        return f"array {name!r} must be of real numbers, got {array.dtype}"
    return "" if array.ndim == len(axes) else f"array {name!r} must have axes {', '.join(axes)}, got {array.shape}"


def _plain(value: Scalar, column: Column) -> Scalar:
    return None if value is None else column.kind(value)
