import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from fathometer.evidence import Axis, AxisKind, Estimate, Event, Kind, widened
from fathometer.evidence.runs._twins import spread, widened_events

INF = math.inf


def ends(estimate: Estimate) -> tuple:
    return estimate.value, estimate.lower, estimate.upper


def test_without_twins_an_estimate_stays_as_it_is():
    alone = Estimate.exact(1.0)
    assert widened(alone, []) is alone


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (Estimate.exact(1.0), [Estimate.exact(1.5)], (1.0, -1.0, 3.0)),
        (Estimate.exact(1.0), [Estimate.exact(0.5)], (1.0, -1.0, 3.0)),
        (Estimate.exact(1.0), [Estimate.exact(1.25), Estimate.exact(1.5), Estimate.exact(1.0)], (1.0, -1.0, 3.0)),
        (Estimate.exact(1.0), [Estimate.exact(1.0)], (1.0, 1.0, 1.0)),
        (Estimate.enclosed(1.0, 0.0, 2.0), [Estimate.exact(1.125)], (1.0, 0.0, 2.0)),
        (Estimate.exact(1.0), [Estimate.enclosed(1.5, -10.0, 20.0)], (1.0, -10.0, 20.0)),
        (Estimate.exact(1.0), [Estimate.exact(INF)], (1.0, 1.0, INF)),
        (Estimate.enclosed(INF, 5.0, INF), [Estimate.exact(3.0)], (INF, 3.0, INF)),
        (Estimate.exact(INF), [Estimate.exact(INF)], (INF, INF, INF)),
        (Estimate.exact(1.0), [Estimate.exact([1.0, 1.0])], (1.0, -INF, INF)),
        (Estimate.exact(1.0), [Estimate.exact(math.nan)], (1.0, -INF, INF)),
    ],
)
def test_an_interval_has_room_for_four_times_the_largest_difference(own, others, expected):
    assert ends(widened(own, iter(others))) == expected
    assert widened(own, others).kind is Kind.HEURISTIC


def test_arrays_are_widened_element_by_element_and_keep_their_axis():
    axis = Axis(AxisKind.STEP, np.arange(2.0))
    found = widened(Estimate.exact([1.0, 2.0], along=axis), [Estimate.exact([1.0, 2.25])])
    np.testing.assert_array_equal([found.lower, found.upper], [[1, 1], [1, 3]])
    assert found.along == axis


def test_a_sampled_estimate_stays_sampled_at_its_confidence():
    found = widened(Estimate.sampled(1.0, 0.5, 1.5, 0.9), [Estimate.exact(2.0)])
    assert (found.kind, found.confidence) == (Kind.SAMPLED, 0.9)
    assert ends(found) == (1.0, -3.0, 5.0)


@given(st.floats(-10, 10), st.lists(st.floats(-10, 10), max_size=4))
def test_the_interval_is_around_the_number_by_the_spread(value, others):
    room = spread(value, others)
    assert room == 4 * max([abs(value - other) for other in others], default=0)
    found = widened(Estimate.exact(value), map(Estimate.exact, others))
    np.testing.assert_allclose([found.lower, found.upper], [value - room, value + room])


def event(name: str, at: float, lower: float | None = None, upper: float | None = None) -> Event:
    bare = Estimate.exact(at)
    return Event(name, bare if lower is None else Estimate.enclosed(at, lower, upper), f"at {at}")


def test_events_of_all_runs_at_the_same_time_stay_exact():
    assert widened_events([event("a", 1.0)], [[event("a", 1.0)]] * 2) == (event("a", 1.0),)
    assert widened_events([event("a", 1.0)], []) == (event("a", 1.0),)


def test_the_interval_of_an_event_contains_those_of_the_twins():
    found = widened_events([event("a", 1.0)], [[event("a", 1.5, 0.5, 1.75)], [event("a", 1.25)]])
    assert found == (Event("a", Estimate.heuristic(1.0, 0.5, 1.75), "at 1.0"),)
    close = widened_events([event("a", 1.0, 0.9, 1.1)], [[event("a", 1.0, 0.9, 1.2)]])
    assert ends(close[0].at) == (1.0, 0.9, 1.2)


def test_what_a_twin_did_not_see_may_never_happen():
    found = widened_events([event("a", 1.0)], [[event("a", 1.0)], []])
    assert found == (Event("a", Estimate.heuristic(1.0, 1.0, INF), "at 1.0"),)


def test_what_only_a_twin_saw_may_happen_from_then_on():
    twins = [[event("b", 3.0, 2.5, 3.5)], [event("b", 2.0)], []]
    first, second = widened_events([event("a", 1.0)], [*twins, [event("a", 1.0)]])
    assert (first.name, ends(first.at)) == ("a", (1.0, 1.0, INF))
    assert (second.name, ends(second.at), second.at.kind) == ("b", (INF, 2.0, INF), Kind.HEURISTIC)
    assert second.detail == "at 3.0"
