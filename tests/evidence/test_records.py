"""Every noun of the spine survives a trip through JSON text, and none is built from nonsense."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from fathometer.evidence import (
    Answer,
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Check,
    Estimate,
    Event,
    GrowthExponent,
    Hypothesis,
    InputError,
    Monotone,
    NotAfter,
    NotBefore,
    Observable,
    Origin,
    Positive,
    Prediction,
    PrintedForm,
    Problem,
    Provenance,
    Reference,
    Source,
    Status,
    Theorem,
    Trajectory,
    Verdict,
    Within,
    WithProbability,
    judge,
)
from tests.evidence.examples import FALLS, HEIGHT, REFERENCE, Fall, trajectory

SERIES = Estimate.enclosed([1.0, np.inf], [0.5, 1.0], np.inf, along=Axis(AxisKind.LAYER, np.arange(2.0)))
RECORDS = [
    Axis(AxisKind.LOG_TIME, np.array([0.1, 1e300]), "log time"),
    SERIES,
    AtMost(Estimate.sampled(0.1, 0.0, 0.2, 0.9), (0, 1)),
    AtLeast(np.array([1.0, 2.0])),
    Within(0.0, np.inf),
    Positive(),
    PrintedForm("as printed", FALLS.predict, ends=Status.VACUOUS),
    NotBefore(3.0),
    NotAfter(1e200, (None, None)),
    Monotone("decreasing", 1e-9),
    GrowthExponent(0.5, 1.5, 0.9),
    WithProbability(AtMost(0.3, (0, 1)), 0.05),
    Check("small", Answer.FAILS, -1.5, "too large"),
    Verdict(Status.HOLDS, 0.25, "fine", "t", NotAfter(3.0), SERIES, (Check("a", Answer.UNDECIDABLE, None, "?"),)),
    judge(AtMost(0.5), Estimate.exact(np.nan)),
    Provenance.here(7, origin="a file"),
    Event("merge", Estimate.enclosed(1.0, 0.9, 1.1), "two clusters"),
    Fall(1.5, np.array([1, 2], np.int32)),
    trajectory([3, 2, 1], observed={"speed": Estimate.exact(np.arange(3.0))}, events=(Event("x", Estimate.exact(1)),)),
    trajectory([np.nan, np.inf]),
    HEIGHT,
    FALLS,
    REFERENCE,
    Source(REFERENCE, "Day 3", "as remembered"),
    FALLS.hypotheses[0],
    Hypothesis("unknowable", None, None),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_survives_json(record):
    text = json.dumps(record.to_json(), allow_nan=False)
    back = type(record).from_json(json.loads(text))
    assert back == record
    assert hash(back) == hash(record)
    assert back.to_json() == record.to_json()


def test_arrays_come_back_with_their_type():
    back = Fall.from_json(json.loads(json.dumps(Fall(1.0, np.array([[1, 2]], np.int32)).to_json())))
    assert back.start.dtype == np.int32
    assert back.start.shape == (1, 2)


def test_abstract_nouns_read_their_kinds_back():
    assert Prediction.from_json(NotAfter(3.0).to_json()) == NotAfter(3.0)
    assert isinstance(Problem.from_json(Fall(1.0, np.zeros(1)).to_json()), Fall)


def test_records_differ_by_content_and_type():
    assert AtMost(1.0) != AtLeast(1.0)
    assert AtMost(1.0) != AtMost(2.0)
    assert AtMost(1.0) == AtMost(Estimate.exact(1.0))
    assert len({AtMost(1.0), AtMost(1.0), AtLeast(1.0)}) == 2


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (Prediction, {"type": "Guess"}, "no Prediction is called 'Guess'"),
        (Reference, {"key": "a", "colour": 1}, "no key 'colour'"),
        (Reference, {"key": "a"}, "Reference cannot be read"),
        (Verdict, [1], "must be a JSON object"),
        (Observable, HEIGHT.to_json() | {"measure": "os:remove_everything"}, "is not a function"),
        (Observable, HEIGHT.to_json() | {"measure": "never.imported:f"}, "is not a function"),
        (Axis, {"kind": "time", "points": [2, 1]}, "strictly increasing"),
        (Fall, {"type": "Fall", "height": -1, "start": [0.0]}, "height must be > 0, got -1.0"),
    ],
)
def test_json_that_makes_no_record_is_refused(kind, data, message):
    with pytest.raises(InputError, match=message):
        kind.from_json(data)


def test_a_plain_number_must_be_finite():
    with pytest.raises(InputError, match="must be finite, got inf"):
        Check("a", Answer.HOLDS, np.inf, "x").to_json()


@pytest.mark.parametrize("points", [[], [1.0, 1.0], [2.0, 1.0], [0.0, np.nan], [[1.0]]])
def test_impossible_axes_cannot_be_built(points):
    with pytest.raises(InputError):
        Axis(AxisKind.TIME, np.array(points))


def test_states_and_observations_have_the_length_of_the_axis():
    with pytest.raises(InputError, match="state 'height' must have 3 entries in front"):
        replace(trajectory([1, 2, 3]), states={"height": np.zeros(2)})
    with pytest.raises(InputError, match="observation 'speed' must have length 3"):
        trajectory([1, 2, 3], observed={"speed": Estimate.exact(1.0)})


def test_a_trajectory_is_observed_the_same_way_wherever_it_came_from():
    run = trajectory([3, 2, 1])
    assert run.observe(HEIGHT).along == run.axis
    assert replace(run, origin=Origin.RECORDED).observe(HEIGHT) == run.observe(HEIGHT)
    kept = replace(run, states={}, observed={"height": run.observe(HEIGHT)})
    assert kept.observe(HEIGHT) == run.observe(HEIGHT)
    with pytest.raises(InputError, match="'height' was not observed and state 'height' was not stored"):
        replace(run, states={}).observe(HEIGHT)


def test_events_that_did_not_happen_are_censored_at_the_end():
    run = trajectory([3, 2, 1], events=(Event("lands", Estimate.exact(1.5)),))
    assert run.event("lands") == Estimate.exact(1.5)
    assert (run.event("flies").lower, run.event("flies").value) == (2.0, np.inf)


def test_a_trajectory_can_be_cut_short():
    events = (Event("early", Estimate.exact(0.5)), Event("late", Estimate.enclosed(1.5, 1.2, 1.8)))
    run = trajectory([3, 2, 1], observed={"speed": Estimate.exact(np.arange(3.0))}, events=events)
    short = run.until(1.5)
    np.testing.assert_array_equal(short.axis.points, [0, 1])
    np.testing.assert_array_equal(short.states["height"], [3, 2])
    np.testing.assert_array_equal(short.observed["speed"].value, [0, 1])
    assert short.events == events[:1]
    assert run.until(2) == run
    with pytest.raises(InputError, match="end must be at least 0, got -1"):
        run.until(-1)


def test_problems_have_a_short_summary():
    summary = Fall(1.0, np.zeros(1000)).summary()
    assert summary["start"]["shape"] == [1000]
    assert len(json.dumps(summary)) < 200


def test_theorems_check_then_predict_then_measure():
    assert FALLS.test(trajectory([3, 2, 1])).status is Status.HOLDS
    assert FALLS.test(trajectory([3, 2, 2.5])).status is Status.VIOLATED
    low = FALLS.test(trajectory([3, 2, 2.5], height=0.25))
    assert (low.status, low.margin, low.theorem) == (Status.INAPPLICABLE, -0.75, "falls")
    unsure = replace(FALLS, hypotheses=(Hypothesis("calm air", None, None),))
    assert unsure.test(trajectory([3, 2, 1])).status is Status.UNDECIDED
    assert FALLS.judge(Fall(2.0, np.zeros(1)), trajectory([3, 2, 1]).observe(HEIGHT)).status is Status.HOLDS


def test_a_failing_hypothesis_stops_before_the_prediction():
    def never(problem, axis):
        raise AssertionError("predicted although a hypothesis fails")

    assert replace(FALLS, predict=never).test(trajectory([1], height=0.5)).status is Status.INAPPLICABLE


def test_bibtex_names_the_paper():
    assert "title = {Two New Sciences}" in REFERENCE.bibtex()
    assert "eprint = {1234.5678}" in replace(REFERENCE, identifier="1234.5678").bibtex()


def test_all_kinds_are_covered_above():
    assert {type(record) for record in RECORDS} >= {
        Axis, Estimate, PrintedForm, Observable, Theorem, Trajectory, Verdict, Check, Hypothesis, Source, Provenance,
        Event,
        *Prediction.__subclasses__()[0].__subclasses__(), Monotone, GrowthExponent, WithProbability,
    }  # fmt: skip


def test_the_summary_goes_into_tuples():
    @dataclass(frozen=True, eq=False)
    class Pair(Problem):
        parts: tuple[np.ndarray, ...]

    assert [part["shape"] for part in Pair((np.zeros(2), np.zeros(3))).summary()["parts"]] == [[2], [3]]
