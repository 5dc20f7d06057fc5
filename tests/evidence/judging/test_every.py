from dataclasses import replace

from fathometer.evidence import AxisKind, Status, judge_all
from tests.evidence.examples import FALLS, trajectory

COSTLY = replace(FALLS, id="costly", cost="a linear program")
ELSEWHERE = replace(FALLS, id="elsewhere", along=(AxisKind.STEP,))
THEOREMS = (COSTLY, FALLS, ELSEWHERE, replace(FALLS, id="again"))


def test_every_theorem_that_speaks_about_a_run_is_judged_in_order():
    verdicts = judge_all(trajectory([3, 2, 2.5]), iter(THEOREMS))
    assert [verdict.theorem for verdict in verdicts] == ["falls", "again"]
    assert {verdict.status for verdict in verdicts} == {Status.VIOLATED}


def test_what_costs_more_than_the_run_is_judged_on_demand():
    verdicts = judge_all(trajectory([3, 2, 1]), THEOREMS, costly=True)
    assert [verdict.theorem for verdict in verdicts] == ["costly", "falls", "again"]
