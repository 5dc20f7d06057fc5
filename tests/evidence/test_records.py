"""Every noun of the spine survives a trip through JSON text, and none is built from nonsense."""

import json
from dataclasses import replace

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


def test_all_kinds_are_covered_above():
    assert {type(record) for record in RECORDS} >= {
        Axis, Estimate, PrintedForm, Observable, Theorem, Trajectory, Verdict, Check, Hypothesis, Source, Provenance,
        Event,
        *Prediction.__subclasses__()[0].__subclasses__(), Monotone, GrowthExponent, WithProbability,
    }  # fmt: skip


def test_hashes_are_of_the_content_whatever_the_order_of_keys():
    one, other = (Provenance(1, versions=dict(pairs)) for pairs in ((("a", "1"), ("b", "2")), (("b", "2"), ("a", "1"))))
    assert one == other
    assert hash(one) == hash(other) != hash(replace(one, seed=2))


def test_the_json_form_is_plain():
    axis = Axis(AxisKind.TIME, np.array([1.0, 2.0]), "t")
    assert axis.to_json() == {"kind": "time", "points": [1.0, 2.0], "label": "t"}
    assert type(axis.to_json()["kind"]) is str
    assert Fall(1.0, np.zeros(1)).to_json() == {"type": "Fall", "height": 1.0, "start": [0.0]}
    assert Fall(1.0, np.array([1], np.int32)).to_json()["start"] == {
        "dtype": "int32",
        "shape": [1],
        "base64": "AQAAAA==",
    }
    assert Fall(np.float64(1.0), np.zeros(0)).to_json()["start"] == {"dtype": "float64", "shape": [0], "base64": ""}
    assert Provenance(np.int64(3), versions={"a": "1"}).to_json()["versions"] == {"a": "1"}
    assert type(Provenance(np.int64(3)).to_json()["seed"]) is int
    assert HEIGHT.to_json()["measure"] == "tests.evidence.examples:measure_height"


def test_numbers_in_lists_are_read_as_float64():
    assert Fall.from_json({"type": "Fall", "height": 1, "start": [1, 2]}).start.dtype == np.float64


def test_methods_are_read_back_by_their_path():
    data = HEIGHT.to_json() | {"measure": "fathometer.evidence.values._estimate:Estimate.exact"}
    assert Observable.from_json(data).measure == Estimate.exact


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AtMost.from_json(AtMost(1.0).to_json() | {"domain": [0, 1, 2]}), "zip"),
        (lambda: Provenance({1}).to_json(), "^set has no JSON form$"),
        (lambda: Verdict.from_json([1]), r"^Verdict must be a JSON object, got \[1\]$"),
        (lambda: Prediction.from_json({"type": "Guess"}), r"^no Prediction is called 'Guess'; known: \['Prediction', "),
        (
            lambda: Axis.from_json({"b": 1, "a": 1}),
            r"^Axis has no key 'a'; keys: \['kind', 'points', 'label'\]$",
        ),
        (
            lambda: Observable.from_json(HEIGHT.to_json() | {"measure": "math:pi"}),
            "^'math:pi' is not a function of an imp",
        ),
        (lambda: Axis(AxisKind.TIME, np.array([])), "^an axis must have at least one point$"),
        (lambda: Axis(AxisKind.TIME, np.ones(2)), "^axis points must be strictly increasing$"),
        (lambda: Axis(AxisKind.TIME, np.ones((2, 2))), r"^axis points must have 1 dimension\(s\), got shape \(2, 2\)$"),
        (lambda: Axis("space", np.ones(1)), "space"),
    ],
)
def test_refusals_say_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_axis_has_a_length_a_label_and_points_of_its_own():
    points = np.array([1, 2])
    axis = Axis("step", points)
    points[0] = 7
    assert (len(axis), axis.label) == (2, "step")
    assert axis.kind is AxisKind.STEP
    assert axis.points.tolist() == [1, 2]
    assert axis.points.dtype == np.float64
