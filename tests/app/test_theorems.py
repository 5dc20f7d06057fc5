"""What the view Theorems asks: the list with its graph, cases, hypotheses, and the way to one that breaks."""

import itertools
import json
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import pytest

from fathometer.app.questions import question, view_questions
from fathometer.app.questions.theorems._between import between
from fathometer.catalogue import theorem, theorems
from fathometer.evidence import InputError, Record, cases

QUICK = "scalar_closing_time"
"""A theorem whose example takes no time, with one hypothesis about one number."""


def last(name, **given):
    return [*question(name).answers(given)][-1].document


def way_of(**given):
    """All stops of the way to a problem that breaks a hypothesis."""
    parts = [answer.document for answer in question("theorems.break").answers(given)]
    return parts[-1] | {"stops": [stop for part in parts for stop in part["stops"]]}


@pytest.fixture(scope="module")
def listed():
    return last("theorems.list")


def test_the_list_has_every_theorem_with_its_citation(listed):
    assert [entry["id"] for entry in listed["theorems"]] == [each.id for each in theorems()]
    for entry, each in zip(listed["theorems"], theorems(), strict=True):
        assert entry["statement"] == each.statement
        assert entry["hypotheses"] == [hypothesis.name for hypothesis in each.hypotheses]
        assert listed["references"][entry["reference"]]["bibtex"] == each.source.reference.bibtex()
        assert str(each.source.reference.year) in listed["references"][entry["reference"]]["cited"]


def test_the_list_is_small_enough_for_an_exported_page(listed):
    assert len(json.dumps(listed)) < 250_000


def test_what_is_used_stands_left_of_what_uses_it_and_no_two_stand_in_one_place(listed):
    places = {entry["id"]: (entry["column"], entry["row"]) for entry in listed["theorems"]}
    assert len(set(places.values())) == len(places)
    for entry in listed["theorems"]:
        assert all(places[used][0] < entry["column"] for used in entry["uses"])


def test_theories_stand_below_each_other(listed):
    rows = {}
    for entry in listed["theorems"]:
        rows.setdefault(entry["theory"], []).append(entry["row"])
    ends = [(min(of), max(of)) for of in rows.values()]
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(ends))


def test_cases_are_those_of_the_theorem():
    shown, own = last("theorems.test", theorem=QUICK)["cases"], cases(theorem(QUICK))
    assert [(case["name"], case["status"], case["margin"]) for case in shown] == [
        (case.name, str(case.verdict.status), case.verdict.margin) for case in own
    ]
    assert all(case["passed"] for case in shown)
    assert {case["status"] for case in shown} >= {"HOLDS", "VIOLATED", "UNDECIDED", "INAPPLICABLE"}


def test_hypotheses_are_measured_on_example_and_counterexample():
    own = theorem(QUICK)
    shown = last("theorems.hypotheses", theorem=QUICK)
    for side, problem in (("example", own.example().problem), ("counterexample", own.counterexample())):
        checks = [hypothesis.check(problem) for hypothesis in own.hypotheses]
        assert [(check["answer"], check["margin"], check["said"]) for check in shown[side]] == [
            (str(check.answer), check.margin, check.explanation) for check in checks
        ]


def test_a_number_is_moved_until_its_hypothesis_breaks():
    own = theorem("circle_caps_rare")
    way = way_of(theorem=own.id, hypothesis=0)
    assert way["interpolated"]
    assert [stop["amount"] for stop in way["stops"]] == pytest.approx(np.linspace(0, 1, 21))
    answers = [stop["check"]["answer"] for stop in way["stops"]]
    assert answers[0] == "holds"
    assert answers[-1] == "fails"
    start, end = own.example().problem, own.counterexample()
    for stop in way["stops"]:
        beta = start.beta + stop["amount"] * (end.beta - start.beta)
        check = own.hypotheses[0].check(replace(start, beta=beta))
        assert stop["check"]["margin"] == pytest.approx(check.margin)
        assert stop["check"]["said"] == check.explanation
        assert stop["failing"] == [0] * (str(check.answer) == "fails")


def test_the_way_comes_in_parts_and_can_be_left():
    answers = question("theorems.break").answers({"theorem": QUICK})
    first = next(answers)
    assert [stop["amount"] for stop in first.document["stops"]] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
    answers.close()


@pytest.mark.slow
def test_between_yes_and_no_there_are_two_stops():
    way = way_of(theorem="occam", hypothesis=1)
    assert not way["interpolated"]
    assert [(stop["amount"], stop["check"]["answer"]) for stop in way["stops"]] == [(0, "holds"), (1, "fails")]


def test_a_hypothesis_is_broken_by_another_theorems_counterexample_where_its_own_does_not():
    way = way_of(theorem="sharpness_lower_bound", hypothesis=1)
    assert "counterexample of" in way["end"]
    assert way["stops"][-1]["check"]["answer"] == "fails"
    margins = [stop["check"]["margin"] for stop in way["stops"]]
    assert margins == sorted(margins, reverse=True)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"theorem": "no_such"}, "no theorem is called 'no_such'"),
        ({"theorem": "../etc"}, "theorem must be a name of letters, digits and underscores, got '../etc'"),
        ({"theorem": 5}, "theorem must be a name of letters"),
        ({"theorem": QUICK, "hypothesis": 7}, f"{QUICK} has 1 hypotheses, got number 7"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(given, line):
    with pytest.raises(InputError, match=line) as refusal:
        last("theorems.break", **given)
    assert "\n" not in str(refusal.value)


class Colour(Enum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True, eq=False)
class Toy(Record):
    points: np.ndarray
    beta: float
    n: int
    pair: tuple = (0.0, None)
    inputs: object = None


UP, SIDE = np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])


def test_numbers_arrays_and_parts_move_in_a_straight_line():
    start = Toy(np.zeros(3), 1.0, 2, (0.0, None), {"m": np.array([1.0])})
    end = Toy(np.ones(3), 3.0, 5, (1.0, None), {"m": np.array([3.0])})
    half = between(start, end, 0.5)
    np.testing.assert_array_equal(half.points, np.full(3, 0.5))
    assert (half.beta, half.n, half.pair) == (2.0, 4, (0.5, None))
    np.testing.assert_array_equal(half.inputs["m"], [2.0])


def test_rows_of_unit_length_keep_it():
    np.testing.assert_allclose(between(UP, SIDE, 0.5), [[np.sqrt(0.5), np.sqrt(0.5)]])
    with pytest.raises(InputError, match="a row passes through 0"):
        between(UP, -UP, 0.5)


@pytest.mark.parametrize(
    ("start", "end"),
    [(Colour.RED, Colour.BLUE), (True, False), (np.zeros(2), np.zeros(3)), ((1,), (1, 2)), (None, 1.0), ("a", "b")],
)
def test_nothing_lies_between_things_of_other_kinds(start, end):
    with pytest.raises(InputError, match="there is nothing between"):
        between(start, end, 0.5)


@pytest.mark.slow
def test_what_an_exported_page_holds_is_small_and_as_it_should_be():
    size = 0
    for asked in view_questions("theorems"):
        for given in asked.recorded:
            documents = [answer.document for answer in asked.answers(given)]
            size += len(json.dumps(documents))
            assert all(case["passed"] for case in documents[-1].get("cases", []))
    assert size < 280_000
