from dataclasses import replace

import numpy as np
import pytest

from fathometer.evidence import Axis, AxisKind, Estimate, Event, InputError, Kind, Observable, Origin, Trajectory, Twin
from tests.evidence.examples import HEIGHT, Fall, trajectory


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


class TestTwins:
    """A run of a fall with one twin on the same axis and one with a problem and an axis of its own."""

    events = (Event("lands", Estimate.exact(1.5)),)
    run = trajectory([3.0, 2, 1], events=events, observed={"speed": Estimate.exact([0.0, 1, 2])})
    near = Twin({"height": np.array([3.0, 2.1, 1])}, {"speed": Estimate.exact([0.0, 1, 2.5])}, events)
    own = Twin(
        {"height": np.array([3.0, 2, 1.2])},
        {"speed": Estimate.exact([0.0, 1, 2])},
        (Event("lands", Estimate.exact(2.0)),),
        Fall(2.5, np.zeros(2)),
        Axis(AxisKind.TIME, np.array([0.0, 1.5, 2.5])),
    )
    checked = replace(run, twins=(near, own))

    def test_a_run_without_twins_is_alone_and_exact(self):
        assert self.run.runs() == (self.run,)
        assert self.run.observe(HEIGHT).kind is Kind.EXACT

    def test_each_twin_is_a_run_of_the_same_problem_unless_it_has_its_own(self):
        first, second, third = self.checked.runs()
        assert first == self.run
        assert second == replace(self.run, states=self.near.states, observed=self.near.observed)
        assert (third.problem, third.axis, third.events) == (self.own.problem, self.own.axis, self.own.events)
        assert third.twins == second.twins == first.twins == ()

    def test_what_is_observed_has_room_for_the_differences_of_twins(self):
        height = self.checked.observe(HEIGHT)
        np.testing.assert_array_equal(height.value, [3, 2, 1])
        np.testing.assert_allclose(height.lower, [3, 2 - 4 * 0.1, 1 - 4 * 0.2])
        np.testing.assert_allclose(height.upper, [3, 2 + 4 * 0.1, 1 + 4 * 0.2])
        assert (height.kind, height.along) == (Kind.HEURISTIC, self.run.axis)

    def test_what_is_measured_may_be_any_number_of_the_run(self):
        last = self.checked.measure(lambda run: Estimate.exact(run.states["height"][-1]))
        assert (last.value, last.lower, last.upper) == (1, pytest.approx(0.2), pytest.approx(1.8))

    def test_twins_are_cut_with_the_run(self):
        short = self.checked.until(1.75)
        assert [len(twin.states["height"]) for twin in short.twins] == [2, 2]
        assert [twin.observed["speed"].shape for twin in short.twins] == [(2,), (2,)]
        assert [len(twin.events) for twin in short.twins] == [1, 0]
        assert short.twins[0].axis is None
        np.testing.assert_array_equal(short.twins[1].axis.points, [0, 1.5])
        assert short.twins[1].problem == self.own.problem

    def test_states_are_mapped_in_the_run_and_in_its_twins(self):
        halves = self.checked.mapped(lambda states: {"half": states["height"] / 2})
        np.testing.assert_array_equal(halves.states["half"], [1.5, 1, 0.5])
        np.testing.assert_array_equal(halves.twins[0].states["half"], self.near.states["height"] / 2)
        assert halves.observed == halves.twins[0].observed == {}
        assert halves.twins[1].axis == self.own.axis

    def test_other_runs_become_twins_and_widen_events(self):
        moved = replace(self.run, events=(Event("lands", Estimate.exact(1.75)),), problem=Fall(3.0, np.zeros(2)))
        checked = self.run.checked([moved], condition=7.0, warning="steep")
        assert checked.twins == (Twin(moved.states, moved.observed, moved.events),)
        assert (checked.condition, checked.warning) == (7.0, "steep")
        assert checked.event("lands") == Estimate.heuristic(1.5, 1.5, 1.75)
        apart = self.run.checked([moved], apart=True)
        assert (apart.twins[0].problem, apart.twins[0].axis) == (moved.problem, moved.axis)
        assert (apart.condition, apart.warning) == (None, "")


def test_states_cannot_be_changed_and_are_not_copied_twice():
    heights = np.array([3.0, 2, 1])
    run = trajectory(heights)
    heights[0] = 7
    assert run.states["height"][0] == 3
    with pytest.raises(ValueError, match="read-only"):
        run.states["height"][0] = 7
    assert replace(run, warning="x").states["height"] is run.states["height"]


def test_an_event_is_the_first_of_its_name():
    events = (Event("bounces", Estimate.exact(1.0)), Event("bounces", Estimate.exact(2.0)))
    assert trajectory([3, 2, 1], events=events).event("bounces").value == 1


def test_what_is_observed_without_an_axis_is_put_along_that_of_the_run():
    run = trajectory([3, 2, 1], observed={"height": Estimate.exact([1.0, 2, 3])})
    assert run.until(1).observed["height"].along is None
    along = trajectory([3, 2, 1], observed={"height": Estimate.exact([1.0, 2, 3], along=run.axis)})
    assert along.until(1).observed["height"].along == run.until(1).axis


def test_lists_of_events_and_twins_and_names_of_origins_are_taken():
    run = trajectory([3, 2, 1])
    built = Trajectory(run.problem, run.axis, run.states, "recorded", events=[], twins=[])
    assert built.origin is Origin.RECORDED
    assert (built.events, built.twins) == ((), ())


def test_an_observable_may_read_the_problem_and_be_sampled():
    seen = Observable("share", "1", "share of the height", measure_share)
    share = trajectory([4, 2, 1], height=4.0).observe(seen)
    np.testing.assert_array_equal(share.value, [1, 0.5, 0.25])
    assert (share.kind, share.confidence) == (Kind.SAMPLED, 0.9)


def measure_share(problem: Fall, states) -> Estimate:
    share = states["height"] / problem.height
    return Estimate.sampled(share, share - 1, share + 1, 0.9)


def test_observations_of_any_shape_are_cut_with_their_confidence():
    values = np.zeros((3, 2))
    run = trajectory([3, 2, 1], observed={"pairs": Estimate.sampled(values, values - 1, values + 1, 0.9)})
    assert run.until(1).observed["pairs"] == Estimate.sampled(values[:2], values[:2] - 1, values[:2] + 1, 0.9)


def test_an_event_at_the_end_is_kept():
    events = (Event("lands", Estimate.exact(1.0)),)
    run = trajectory([3, 2, 1], events=events)
    assert run.until(1.0).events == events
    assert replace(run, twins=(Twin(run.states, events=events),)).until(1.0).twins[0].events == events
