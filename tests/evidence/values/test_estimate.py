import json
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Kind

ANY = st.floats(allow_nan=True, allow_infinity=True)


def test_kinds_carry_what_they_promise():
    assert Estimate.exact(2.0).lower == Estimate.exact(2.0).upper == 2.0
    assert Estimate.enclosed(2.0, 1.0, 3.0).kind is Kind.ENCLOSED
    assert Estimate.heuristic([1.0, 2.0], 0.0, 3.0).shape == (2,)
    assert Estimate.sampled(2.0, 1.0, 3.0, 0.9).confidence == 0.9
    assert Estimate.of(Estimate.exact(1.0)) == Estimate.exact(1.0) == Estimate.of(1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((2.0, 3.0, 4.0, "exact"), "must lie in its interval"),
        ((2.0, 1.0, math.inf, "enclosed", 0.5), "confidence belongs to sampled"),
        ((2.0, 1.0, 3.0, "sampled"), "confidence belongs to sampled"),
        ((2.0, 1.0, 3.0, "sampled", 1.0), "confidence must be > 0 and < 1, got 1.0"),
        (([2.0, 3.0], 1.0, 4.0, "exact"), "one shape"),
        ((2.0, 2.0, 2.0, "exact", None, Axis(AxisKind.STEP, np.arange(1.0))), "along 1 points"),
    ],
)
def test_a_number_without_a_fitting_error_cannot_be_built(arguments, message):
    with pytest.raises(InputError, match=message):
        Estimate(*arguments)


def test_not_a_number_has_an_unknown_interval():
    for parts in ((math.nan, 1.0, 2.0), (1.0, math.nan, 2.0), (1.0, 0.0, math.nan)):
        estimate = Estimate(*parts, Kind.HEURISTIC)
        assert math.isnan(estimate.value)
        assert (estimate.lower, estimate.upper) == (-math.inf, math.inf)


def test_an_estimate_cannot_be_changed_from_outside():
    values = np.ones(3)
    estimate = Estimate.exact(values)
    values[0] = 7
    assert estimate.value[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        estimate.value[0] = 7


@given(st.tuples(ANY, ANY, ANY).map(lambda t: sorted(t, key=lambda x: (math.isnan(x), x))))
def test_scalars_survive_json(parts):
    low, middle, high = parts
    estimate = Estimate.enclosed(middle, low, high)
    text = json.dumps(estimate.to_json(), allow_nan=False)
    back = Estimate.from_json(json.loads(text))
    assert back == estimate
    np.testing.assert_array_equal(
        [back.value, back.lower, back.upper], [estimate.value, estimate.lower, estimate.upper]
    )


@given(hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=3), elements=ANY))
def test_arrays_survive_json(values):
    estimate = Estimate.exact(values)
    back = Estimate.from_json(json.loads(json.dumps(estimate.to_json(), allow_nan=False)))
    np.testing.assert_array_equal(back.value, values)
    assert back == estimate


def test_json_has_the_contract_keys_and_null_where_open():
    assert Estimate.exact(1.0).to_json() == {"value": 1.0, "lower": 1.0, "upper": 1.0, "kind": "exact"}
    assert Estimate.enclosed(1.0, -math.inf, math.inf).to_json()["upper"] is None
    assert Estimate.exact(math.nan).to_json()["value"] is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"value": 1},
        {"value": "x", "lower": 0, "upper": 1, "kind": "exact"},
        {"value": 0, "lower": 0, "upper": 0, "kind": "guess"},
        None,
    ],
)
def test_json_of_something_else_is_refused(data):
    with pytest.raises(InputError, match="Estimate cannot be read"):
        Estimate.from_json(data)


def test_text_shows_the_interval():
    assert str(Estimate.exact(0.5)) == "0.5"
    assert str(Estimate.enclosed(0.5, 0.25, 1.0)) == "0.5 [0.25, 1]"
    assert str(Estimate.exact([1.0, 2.0])) == "(2,) values from 1 to 2"


def test_estimates_are_stacked_along_an_axis():
    axis = Axis(AxisKind.STEP, np.arange(2.0))
    stacked = Estimate.stack([Estimate.enclosed(1.0, 0.0, 2.0), Estimate.enclosed(3.0, 2.0, 4.0)], axis)
    assert stacked == Estimate.enclosed([1.0, 3.0], [0.0, 2.0], [2.0, 4.0], along=axis)
    for unlike in ([], [Estimate.exact(1.0), Estimate.enclosed(1.0, 0.0, 2.0)]):
        with pytest.raises(InputError, match="one shape, kind and confidence"):
            Estimate.stack(unlike)


def test_builders_keep_ends_and_axis():
    axis = Axis(AxisKind.STEP, np.arange(2.0))
    for build in (Estimate.enclosed, Estimate.heuristic, lambda *ends, along: Estimate.sampled(*ends, 0.9, along)):
        estimate = build([1.0, 2.0], [0.0, 1.5], 3.0, along=axis)
        np.testing.assert_array_equal([estimate.lower, estimate.upper], [[0, 1.5], [3, 3]])
        assert estimate.along == axis
    assert Estimate.exact([1, 2], axis).along == axis
    assert [build(1.0, 0.0, 2.0).kind for build in (Estimate.enclosed, Estimate.heuristic)] == ["enclosed", "heuristic"]


def test_sampled_estimates_are_stacked_at_their_confidence():
    stacked = Estimate.stack([Estimate.sampled(1.0, 0.0, 2.0, 0.9)] * 2)
    assert (stacked.kind, stacked.confidence, stacked.along) == (Kind.SAMPLED, 0.9, None)
    with pytest.raises(InputError, match="confidence"):
        Estimate.stack([Estimate.sampled(1.0, 0.0, 2.0, 0.9), Estimate.sampled(1.0, 0.0, 2.0, 0.8)])


def test_infinite_values_and_closed_ends_survive_json():
    """Null stands for NaN, an open lower end and an open upper end; other infinities are told apart."""
    estimate = Estimate.enclosed([np.inf, -np.inf, 1.0], [1.0, -np.inf, np.nan], [np.inf, -np.inf, 2.0])
    data = json.loads(json.dumps(estimate.to_json(), allow_nan=False))
    assert data == {
        "value": [None, None, None],
        "lower": [1.0, None, None],
        "upper": [None, None, None],
        "kind": "enclosed",
        "infinite": {"value": [1, -1, 0], "upper": [1, -1, 1]},
    }
    assert Estimate.from_json(data) == estimate
    lower = Estimate.exact(np.inf).to_json()
    assert lower["infinite"] == {"value": 1, "lower": 1}


def test_json_has_confidence_and_axis_where_there_is_one():
    axis = Axis(AxisKind.STEP, np.arange(1.0))
    estimate = Estimate.sampled([1.0], [0.0], [2.0], 0.9, axis)
    assert estimate.to_json() == {
        "value": [1.0],
        "lower": [0.0],
        "upper": [2.0],
        "kind": "sampled",
        "confidence": 0.9,
        "along": axis.to_json(),
    }
    assert Estimate.from_json(estimate.to_json()).along == axis
    assert type(estimate.to_json()["kind"]) is str


def test_text_of_arrays_and_of_chosen_digits():
    assert str(Estimate.exact(np.zeros(0))) == "(0,) values"
    assert str(Estimate.exact([1.23456789, 2.3456789])) == "(2,) values from 1.23456 to 2.34568"
    assert Estimate.enclosed(1.23456, 1.0, 2.34567).text(3) == "1.23 [1, 2.35]"
    assert Estimate.enclosed(1.0, 1.0, 1.0).text() == "1"
    assert Estimate.enclosed(1.23456789, 1.0, 2.0).text() == "1.23457 [1, 2]"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Estimate([1.0], [1.0], 1.0, "exact"),
            r"^value, lower, upper must have one shape, got \(1,\), \(1,\), \(\)$",
        ),
        (
            lambda: Estimate(2.0, 3.0, 4.0, "exact"),
            r"^an estimate must lie in its interval, got 2.0 outside \[3.0, 4.0\]$",
        ),
        (lambda: Estimate(5.0, 3.0, 4.0, "exact"), r"must lie in its interval, got 5.0 outside \[3.0, 4.0\]$"),
        (
            lambda: Estimate(1.0, 1.0, 1.0, "exact", 0.5),
            r"^confidence belongs to sampled estimates and only to them, got 0.5 \(exact\)$",
        ),
        (
            lambda: Estimate.exact(1.0, Axis(AxisKind.STEP, np.arange(2.0))),
            r"^an estimate along 2 points must have that length, got shape \(\)$",
        ),
    ],
)
def test_refusals_say_what_does_not_fit(call, message):
    with pytest.raises(InputError, match=message):
        call()
