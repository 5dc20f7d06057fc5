"""Every noun of the spine survives a trip through JSON text, and none is built from nonsense."""

import json

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
