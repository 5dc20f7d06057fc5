from dataclasses import dataclass, replace

import numpy as np
import pytest

from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    PrintedForm,
    Problem,
    Status,
    Trajectory,
    Twin,
)
from tests.evidence.examples import FALLS, HEIGHT, REFERENCE, Fall, trajectory


@dataclass(frozen=True, eq=False)
class Rest(Problem):
    """Another problem."""


def test_theorems_check_then_predict_then_measure():
    assert FALLS.test(trajectory([3, 2, 1])).status is Status.HOLDS
    assert FALLS.test(trajectory([3, 2, 2.5])).status is Status.VIOLATED
    low = FALLS.test(trajectory([3, 2, 2.5], height=0.25))
    assert (low.status, low.margin, low.theorem) == (Status.INAPPLICABLE, -0.75, "falls")
    assert [check.hypothesis for check in low.checks] == ["high enough"]
    unsure = replace(FALLS, hypotheses=(Hypothesis("calm air", None, None),))
    assert unsure.test(trajectory([3, 2, 1])).status is Status.UNDECIDED
    assert FALLS.judge(Fall(2.0, np.zeros(1)), trajectory([3, 2, 1]).observe(HEIGHT)).status is Status.HOLDS


def test_a_failing_hypothesis_stops_before_the_prediction():
    def never(problem, axis):
        raise AssertionError("predicted although a hypothesis fails")

    assert replace(FALLS, predict=never).test(trajectory([1], height=0.5)).status is Status.INAPPLICABLE


def test_a_verdict_tells_what_was_asked_predicted_and_measured():
    run = trajectory([3, 2, 1])
    verdict = FALLS.test(run)
    assert verdict.theorem == "falls"
    assert [check.hypothesis for check in verdict.checks] == ["high enough"]
    assert verdict.prediction == FALLS.predict(run.problem, run.axis)
    assert verdict.measured == run.observe(HEIGHT)


def test_twins_of_a_run_are_error_bars_of_its_verdict():
    rising = Twin({"height": np.array([3.0, 2, 2.2])})
    assert FALLS.test(trajectory([3, 2, 1.9])).status is Status.HOLDS
    verdict = FALLS.test(trajectory([3, 2, 1.9], twins=(rising,)))
    assert verdict.status is Status.UNDECIDED


class TestSpeaksAbout:
    run = trajectory([3, 2, 1], observed={"speed": Estimate.exact([0.0, 1, 2])})

    def test_runs_of_its_problem_along_its_axes_with_what_it_reads(self):
        assert FALLS.speaks_about(self.run)
        assert replace(FALLS, along=()).speaks_about(self.run)
        assert replace(FALLS, along=(AxisKind.STEP, AxisKind.TIME)).speaks_about(self.run)
        assert replace(FALLS, reads=()).speaks_about(self.run)
        assert replace(FALLS, reads=("height", "speed")).speaks_about(self.run)

    @pytest.mark.parametrize(
        "change",
        [{"about": Rest}, {"along": (AxisKind.STEP,)}, {"reads": ("mass",)}, {"reads": ("height", "mass")}],
        ids=str,
    )
    def test_no_others(self, change):
        assert not replace(FALLS, **change).speaks_about(self.run)


def first_two(run: Trajectory) -> Trajectory:
    return run.until(1.0)


def test_a_theorem_about_a_part_of_a_run_is_held_against_that_part():
    bounces = trajectory([3, 2, 2.5])
    assert FALLS.test(bounces).status is Status.VIOLATED
    partly = replace(FALLS, part=first_two)
    assert partly.test(bounces).status is Status.HOLDS
    assert len(partly.test(bounces).measured.along) == 2


def rises() -> Trajectory:
    return trajectory([1, 2, 3])


def doubled(run: Trajectory) -> Estimate:
    return Estimate.exact(-run.states["height"], along=run.axis)


class TestPrintedForm:
    def test_it_is_a_theorem_with_what_it_says_itself(self):
        asked = (Hypothesis.that("heavy", lambda problem: True),)
        form = PrintedForm("It rises.", quantity=doubled, hypotheses=asked, example=rises)
        printed = replace(FALLS, as_printed=(form,)).printed(form)
        assert (printed.id, printed.statement, printed.as_printed) == ("falls_as_printed", "It rises.", ())
        assert (printed.quantity, printed.hypotheses, printed.example) == (doubled, asked, rises)
        assert (printed.predict, printed.about, printed.source) == (FALLS.predict, Fall, FALLS.source)

    def test_what_it_does_not_say_is_the_theorem(self):
        printed = FALLS.printed(PrintedForm("The same."))
        assert (printed.predict, printed.quantity) == (FALLS.predict, FALLS.quantity)
        assert (printed.hypotheses, printed.example) == (FALLS.hypotheses, FALLS.example)

    def test_it_may_ask_for_nothing(self):
        assert FALLS.printed(PrintedForm("Always.", hypotheses=())).hypotheses == ()


def test_a_measurement_made_elsewhere_is_judged_along_its_own_axis():
    seen = []

    def remember(problem, axis):
        seen.append((problem, axis))
        return FALLS.predict(problem, axis)

    theorem, axis = replace(FALLS, predict=remember), Axis(AxisKind.STEP, np.arange(2.0))
    fall, run = Fall(2.0, np.zeros(1)), trajectory([3, 2, 1])
    assert theorem.judge(fall, Estimate.exact([2.0, 1.0], along=axis)).status is Status.HOLDS
    assert theorem.test(run).status is Status.HOLDS
    assert seen == [(fall, axis), (run.problem, run.axis)]


def test_bibtex_is_an_entry_with_and_without_a_number_in_the_archive():
    assert REFERENCE.bibtex() == (
        "@misc{galilei1638,\n  author = {Galilei, Galileo},\n  title = {Two New Sciences},\n  year = {1638},\n"
        "  howpublished = {Elzevir},\n}"
    )
    archived = replace(REFERENCE, identifier="1234.5678").bibtex()
    assert archived == REFERENCE.bibtex()[:-1] + "  eprint = {1234.5678},\n  archiveprefix = {arXiv},\n}"
