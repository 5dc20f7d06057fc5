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
