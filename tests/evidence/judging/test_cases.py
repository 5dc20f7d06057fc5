from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Case,
    Estimate,
    GrowthExponent,
    InputError,
    Monotone,
    NotAfter,
    NotBefore,
    Positive,
    Prediction,
    PrintedForm,
    Status,
    Theorem,
    Verdict,
    Within,
    WithProbability,
    cases,
)
from fathometer.evidence.judging._cases import _beyond
from tests.evidence.examples import FALLS, trajectory

FOUR = [Status.HOLDS, Status.VIOLATED, Status.UNDECIDED, Status.INAPPLICABLE]


def saying(prediction: Prediction, values, kind: AxisKind = AxisKind.TIME, points=None) -> Theorem:
    """A theorem with this prediction, and an example in which the values are measured."""
    values = np.asarray(values, float)
    axis = Axis(kind, np.arange(1.0, len(values) + 1) if points is None else points) if values.ndim else None
    measured = Estimate.exact(values, along=axis)
    return replace(FALLS, quantity=lambda run: measured, predict=lambda problem, axis: prediction)


@pytest.mark.parametrize(
    "theorem",
    [
        FALLS,
        saying(AtMost(1.0), 0.5),
        saying(AtMost(1.0, (0.0, 2.0)), [0.5, 1.0]),
        saying(AtMost(np.array([1.0, np.inf])), [0.5, 7.0]),
        saying(AtMost(0.0), [-1.0, 0.0]),
        saying(AtMost(-1e30), -2e30),
        saying(AtLeast(1.0), [[1.0, 2.0], [3.0, 4.0]]),
        saying(AtLeast(1.0, (0.0, None)), 2.0),
        saying(AtLeast(0.5, (0.0, 1.0)), 0.75),
        saying(Positive(), 3.0),
        saying(Within(1.0, 2.0), [1.0, 1.5]),
        saying(Within(0.0, 2.0, (0.0, None)), 1.0),
        saying(Within(1.0, 2.0, (0.0, 2.0)), 1.5),
        saying(NotBefore(3.0), 4.0),
        saying(NotAfter(3.0), 2.0),
        saying(Monotone("increasing"), [1.0, 2.0, 2.0]),
        saying(Monotone("decreasing", slack=3.0), [3.0, 4.0]),
        saying(Monotone("increasing", slack=0.5), [[1.0, 5.0], [1.0, 6.0]]),
        saying(GrowthExponent(0.9, 1.1), [1.0, 2.0, 3.0, 4.0]),
        saying(GrowthExponent(-1.1, -0.9), np.exp([-1.0, -2.0, -3.0]), AxisKind.LOG_TIME),
        saying(WithProbability(AtMost(1.0), 0.1), 0.5),
        saying(WithProbability(AtMost(1.0, (0.0, 2.0)), 0.1), np.full(200, 0.5), AxisKind.DRAW),
        saying(WithProbability(Within(0.0, 1.0), 0.5), [0.5]),
    ],
    ids=lambda theorem: type(theorem.predict(None, None)).__name__,
)
def test_every_prediction_has_its_four_verdicts(theorem):
    found = cases(theorem)
    assert [case.expected for case in found] == FOUR
    assert [case.verdict.status for case in found] == FOUR
    assert all(case.passed for case in found)


def test_the_cases_are_of_the_theorem_and_say_what_was_judged():
    holds, beyond, unlimited, broken = cases(FALLS)
    assert [case.name for case in (holds, beyond, unlimited, broken)] == [
        "example",
        "measured beyond the prediction",
        "measured with unlimited error bars",
        "counterexample",
    ]
    assert holds.verdict == FALLS.test(FALLS.example())
    assert {case.verdict.theorem for case in (holds, beyond, unlimited, broken)} == {"falls"}
    assert beyond.verdict.checks == unlimited.verdict.checks == holds.verdict.checks
    assert (unlimited.verdict.measured.value == holds.verdict.measured.value).all()
    assert unlimited.verdict.measured.along == holds.verdict.measured.along
    assert broken.verdict.margin == 0.25 - 1


def test_a_theorem_that_asks_for_nothing_has_three_cases():
    assert [case.expected for case in cases(replace(FALLS, hypotheses=(), counterexample=None))] == FOUR[:3]


def test_a_case_that_ends_otherwise_has_not_passed():
    bounces = cases(replace(FALLS, example=lambda: trajectory([3, 2, 2.5])))
    assert [case.passed for case in bounces] == [False, True, True, True]
    low = cases(replace(FALLS, example=lambda: trajectory([3, 2, 1], height=0.5)))
    assert [case.verdict.status for case in low] == [Status.INAPPLICABLE] * 4
    assert [case.passed for case in low] == [False, False, False, True]
    assert not Case("x", Status.HOLDS, Verdict(Status.VACUOUS, None, "")).passed


def test_only_the_part_that_a_theorem_is_about_is_judged():
    partly = replace(FALLS, example=lambda: trajectory([3, 2, 2.5]), part=lambda run: run.until(1.0))
    assert [case.verdict.status for case in cases(partly)] == FOUR


def test_printed_forms_end_as_they_say():
    wrong = PrintedForm("It rises.", predict=lambda problem, axis: Monotone("increasing"))
    empty = PrintedForm("It is somewhere.", predict=lambda problem, axis: AtMost(np.inf), ends=Status.VACUOUS)
    right = PrintedForm("It falls.")
    *_, first, second, third = cases(replace(FALLS, as_printed=(wrong, empty, right)))
    assert [case.name for case in (first, second)] == ["as printed: It rises.", "as printed: It is somewhere."]
    assert [case.verdict.status for case in (first, second, third)] == [Status.VIOLATED, Status.VACUOUS, Status.HOLDS]
    assert [case.passed for case in (first, second, third)] == [True, True, False]
    assert first.verdict.theorem == "falls_as_printed"


@pytest.mark.parametrize(
    ("prediction", "measured", "beyond"),
    [
        (AtMost(1.0), 0.5, 2.0),
        (AtMost(-4.0), -5.0, 0.0),
        (AtMost(8.0), 5.0, 16.0),
        (AtMost(1.0, (0.0, 4.0)), 0.5, 2.5),
        (AtLeast(1.0), 2.0, 0.0),
        (AtLeast(-4.0), 2.0, -8.0),
        (AtLeast(1.0, (0.0, None)), 2.0, 0.5),
        (AtLeast(1.0, (-2.0, None)), 2.0, -0.5),
        (Within(1.0, 2.0), 1.5, 4.0),
        (Within(1.0, 2.0, (0.0, 2.0)), 1.5, 0.5),
        (AtMost(np.array([1.0, np.inf])), [0.5, 9.0], [2.0, 9.0]),
        (Within(np.array([-np.inf, 3.0]), np.array([1.0, np.inf])), [0.5, 9.0], [2.0, 0.0]),
    ],
)
def test_beyond_an_interval_is_outside_by_its_size_and_inside_what_is_possible(prediction, measured, beyond):
    assert_allclose(_beyond(prediction, Estimate.exact(measured)).value, beyond)


@pytest.mark.parametrize("prediction", [AtMost(1.0), Monotone("increasing"), WithProbability(AtMost(1.0), 0.5)])
def test_what_is_beyond_runs_along_the_axis_of_the_measurement(prediction):
    axis = Axis(AxisKind.DRAW, np.arange(3.0))
    assert _beyond(prediction, Estimate.exact(np.zeros(3), axis)).along == axis


def test_beyond_a_direction_every_step_goes_back_by_more_than_the_slack():
    measured = Estimate.exact(np.zeros((3, 2)))
    back = _beyond(Monotone("increasing", 0.5), measured)
    assert_allclose(back.value, [[0, 0], [-1.5, -1.5], [-3, -3]])
    assert_allclose(_beyond(Monotone("decreasing"), measured).value, -back.value / 1.5)


def test_beyond_an_exponent_the_growth_is_faster_by_one_and_ends_at_one():
    axis = Axis(AxisKind.TIME, np.array([1.0, 2.0, 4.0]))
    assert_allclose(_beyond(GrowthExponent(0.0, 1.0), Estimate.exact(np.ones(3), axis)).value, [1 / 16, 1 / 4, 1])
    logs = Axis(AxisKind.LOG_TIME, np.log([1.0, 2.0, 4.0]))
    found = _beyond(GrowthExponent(0.0, 1.0), Estimate.exact(np.ones(3), logs))
    assert_allclose(found.value, [1 / 16, 1 / 4, 1])
    assert found.along == logs


def test_beyond_a_probability_every_draw_fails():
    claim = WithProbability(AtMost(1.0), 0.1)
    many = _beyond(claim, Estimate.exact(0.5))
    assert (many.shape, many.along.kind) == ((1000,), AxisKind.DRAW)
    assert_allclose(many.value, 2)
    draws = Axis(AxisKind.DRAW, np.arange(4.0))
    few = _beyond(claim, Estimate.exact(np.full(4, 0.5), draws))
    assert (few.shape, few.along) == ((4,), draws)


@pytest.mark.parametrize("prediction", [Prediction(), GrowthExponent(0.0, 1.0)])
def test_what_rules_nothing_out_has_no_beyond(prediction):
    with pytest.raises(InputError, match=f"^no rule goes beyond a {type(prediction).__name__}$"):
        _beyond(prediction, Estimate.exact(1.0))
