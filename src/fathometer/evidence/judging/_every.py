"""All that a run can be held against."""

from collections.abc import Iterable

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
