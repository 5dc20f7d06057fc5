"""What computations hand over: numbers that a table takes, and one verdict for each theorem."""

import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fathometer.evidence import Estimate, InputError, Status, Verdict
from fathometer.study import Named, file_at

_WORST_FIRST = (Status.VIOLATED, Status.UNDECIDED, Status.HOLDS, Status.VACUOUS, Status.INAPPLICABLE)


def number(value: Any) -> float | None:
    """The value of a number or an estimate; None where there is no finite one."""
    found = value.value if isinstance(value, Estimate) else value
    return None if found is None or not math.isfinite(found) else float(found)


def worst(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """One verdict for each theorem, the worst of its cases, without the arrays that it was reached from.

    Worst is VIOLATED, then UNDECIDED, HOLDS, VACUOUS and INAPPLICABLE, and among equals the one of least margin.
    """
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        if verdict.theorem not in found or _rank(verdict) < _rank(found[verdict.theorem]):
            found[verdict.theorem] = verdict
    return tuple(dataclasses.replace(verdict, prediction=None, measured=None) for verdict in found.values())


def table_file(name: str, base: Path) -> Named | None:
    """The file of a table; None for one of scikit-learn's and for none.

    Raises:
        InputError: if it is a folder of images, which is no one file, or cannot be read.
    """
    if name.startswith(("mnist:", "idx:")):
        raise InputError(f"data must be a file or sklearn:NAME in a study, got {name!r}")
    return file_at(name, base) if name and not name.startswith("sklearn:") else None


def file_of(name: str, base: Path) -> Named | None:
    """The file of that name; None for none."""
    return file_at(name, base) if name else None


def _rank(verdict: Verdict) -> tuple[int, float]:
    return _WORST_FIRST.index(verdict.status), math.inf if verdict.margin is None else verdict.margin
