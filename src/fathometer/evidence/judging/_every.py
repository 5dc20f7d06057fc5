"""All that a run can be held against."""

import functools
from collections.abc import Iterable
from importlib import import_module

from fathometer.evidence.judging._theorem import Theorem
from fathometer.evidence.judging._verdict import Verdict
from fathometer.evidence.runs._trajectory import Trajectory


def judge_all(trajectory: Trajectory, theorems: Iterable[Theorem], *, costly: bool = False) -> list[Verdict]:
    """Hold every theorem that speaks about a run against it, in the given order.

    Args:
        trajectory: of any problem.
        theorems: those that come into question, such as the catalogue.
        costly: also those that declare a cost.
    """
    return [
        theorem.test(trajectory)
        for theorem in theorems
        if (costly or not theorem.cost) and theorem.speaks_about(trajectory)
    ]


@functools.cache
def load_theorems(package: str, names: tuple[str, ...]) -> tuple[Theorem, ...]:
    """Return the theorems of a package: what its modules of these names call `THEOREM`."""
    return tuple(import_module(f"{package}.{name}").THEOREM for name in names)
