"""Columns that are held against numbers and columns."""

import math

import pytest

from fathometer.evidence import Status
from fathometer.study.spec._judged import JudgedColumn, Judging, read_judging
from tests.study.computations import COLUMNS

CASES = [
    ("at_most", 2.0, 0.0, 1.5, Status.HOLDS, 0.5),
    ("at_most", 2.0, 0.0, 2.0, Status.HOLDS, 0.0),
    ("at_most", 2.0, 0.0, 2.5, Status.VIOLATED, -0.5),
    ("at_least", 2.0, 0.0, 2.5, Status.HOLDS, 0.5),
    ("at_least", 2.0, 0.0, 1.0, Status.VIOLATED, -1.0),
    ("equals", 2.0, 0.0, 2.0, Status.HOLDS, 0.0),
    ("equals", 2.0, 0.5, 2.25, Status.HOLDS, 0.25),
    ("equals", 2.0, 0.5, 3.0, Status.VIOLATED, -0.5),
    ("at_most", "count", 0.0, 4.0, Status.VIOLATED, -1.0),
    ("at_most", 2.0, 0.0, None, Status.UNDECIDED, None),
    ("at_most", 2.0, 0.0, math.nan, Status.UNDECIDED, None),
    ("at_most", 2.0, 0.0, math.inf, Status.VIOLATED, None),
]


@pytest.mark.parametrize(("comparison", "bound", "within", "value", "status", "margin"), CASES)
def test_the_judge_of_evidence_compares(comparison, bound, within, value, status, margin):
    verdict = JudgedColumn("total", comparison, bound, within).verdict({"total": value, "count": 3})
    assert (verdict.status, verdict.margin) == (status, margin)


def test_names_say_what_is_compared():
    read = read_judging(
        {"judge": {"columns": [{"column": "total", "at_most": 0.05}, {"column": "even", "equals": True, "within": 0}]}},
        COLUMNS,
    )
    assert [one.name for one in read.columns] == ["total at most 0.05", "even equals 1"]
    assert read.columns[1].verdict({"even": False}).status is Status.VIOLATED
    assert read_judging({}, COLUMNS) == Judging()
