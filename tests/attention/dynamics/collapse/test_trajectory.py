"""A collapse as a trajectory along log time: states on the plateaus, events, error bars."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import CLUSTER_COUNT, UNIT_ENERGY, ParticleSystem, default_resolution
from fathometer.attention.dynamics.collapse import collapse_trajectory, simulate_collapse
from fathometer.attention.dynamics.collapse.results import _plateaus
from fathometer.attention.observables.clusters._clusters import time_of_one_cluster
from fathometer.catalogue import theorems
from fathometer.evidence import AxisKind, Estimate, Kind, Status, judge_all
from tests.attention.dynamics.collapse.test_chains import path
from tests.oracles.attention import circle
from tests.oracles.collapse import masses, tokens


def followed(system, **options):
    collapse = simulate_collapse(system, **options)
    return collapse, collapse_trajectory(system, collapse)


@pytest.fixture(scope="module")
def far():
    """Four tokens of unequal masses, many interaction ranges apart."""
    return followed(tokens(circle(0, 0.6, 1.6, 3.3), 200, "usa", masses(4, "lin")))


@pytest.mark.parametrize("jumps", [True, False])
@pytest.mark.parametrize(("model", "beta"), [("sa", 4.0), ("usa", 12.0)])
def test_states_are_those_of_plain_time(model, beta, jumps):
    system = tokens(ParticleSystem.uniform(5, 2, beta, model, 3).points, beta, model, masses(5, "lin"))
    collapse = simulate_collapse(system, check=False)
    run = collapse_trajectory(system, collapse, check=False, jumps=jumps)
    at = path(system, math.exp(run.axis.points[4]))
    assert np.abs(run.states["points"][4] - system.points).max() > 0.1
    assert_allclose(run.states["points"][:5], [at(math.exp(x)) for x in run.axis.points[:5]], rtol=0, atol=1e-7)


def test_two_states_on_every_plateau_at_the_levels_of_the_energy_and_one_on_the_eve_of_the_first_merger(far):
    collapse, run = far
    assert run.axis.kind is AxisKind.LOG_TIME
    assert len(run.axis) == 9
    assert run.axis.points[2] == collapse.events[0].log_time - 0.1
    assert_allclose(run.axis.points[0], -53 * math.log(2))
    between = np.searchsorted([event.log_time for event in collapse.events], run.axis.points)
    assert between.tolist() == [0, 0, 0, 1, 1, 2, 2, 3, 3]
    energies = np.repeat([level.energy for level in collapse.energy_levels], 2)
    assert_allclose(np.delete(run.observe(UNIT_ENERGY).value, 2), energies, rtol=0, atol=1e-9)
    assert run.observe(CLUSTER_COUNT).value.tolist() == [4, 4, 4, 3, 3, 2, 2, 1, 1]
    assert_allclose(np.linalg.norm(run.states["points"], axis=-1), 1, rtol=1e-14)


def test_events_are_those_of_a_simulation_at_log_times(far):
    collapse, run = far
    assert [event.name for event in run.events] == ["4 clusters", "3 clusters", "2 clusters", "1 clusters"]
    assert run.events[0].at.value == -math.inf
    for event, merger in zip(run.events[1:], collapse.events, strict=True):
        assert event.at.value == merger.log_time
        assert event.at.lower <= merger.log_time - merger.error < merger.log_time + merger.error <= event.at.upper
        assert event.at.upper - event.at.lower < 1e-6
    assert time_of_one_cluster(run).value == collapse.log_time_of_collapse.value


def test_what_is_observed_has_the_errors_of_other_ways(far):
    _, run = far
    assert len(run.twins) == 2
    assert run.observe(UNIT_ENERGY).kind is Kind.HEURISTIC
    system = ParticleSystem.expect(run.problem)
    fine = simulate_collapse(system, tolerance=1e-11, check=False)
    exact = collapse_trajectory(system, fine, check=False).states["points"][-1, 0]
    place = run.measure(lambda way: Estimate.exact(way.states["points"][-1, 0]))
    assert np.all((place.lower < exact) & (exact < place.upper))
    assert np.max(np.asarray(place.upper) - place.lower) < 1e-8
    assert run.condition < 100
    assert run.warning == ""


def test_log_times_beyond_float64_stay_logarithms():
    system = tokens(circle(0, 3.0), 1000, "sa")
    collapse, run = followed(system)
    assert run.axis.points[-1] > 1900
    assert run.event("1 clusters").value == collapse.log_time_of_collapse.value
    assert_allclose(run.observe(UNIT_ENERGY).value, [0.5, 0.5, 0.5, 1, 1], rtol=0, atol=1e-12)


def test_events_at_another_chord_are_not_taken_for_clusters():
    system = tokens(circle(0, 1), 50, "usa")
    chord = default_resolution(50) / 3
    _, run = followed(system, event_chord=chord)
    assert [event.name.partition(" at ")[0] for event in run.events] == ["2 clusters", "1 clusters"]
    assert run.events[0].name.endswith(f"at the chord {chord:.6g}")
    assert math.isnan(time_of_one_cluster(run).value)


def test_what_does_not_move_has_one_state():
    square = tokens(circle(0, np.pi / 2, np.pi, 3 * np.pi / 2), 5, "sa")
    _, run = followed(square)
    assert_allclose(run.states["points"], square.points[None])
    assert [event.name for event in run.events] == ["4 clusters"]
    assert "cancel" in run.warning
    assert run.event("1 clusters").value == math.inf


def test_one_cluster_from_the_start():
    for points in (circle(0.3), circle(1, 1, 1)):
        _, run = followed(tokens(points, 5, "sa"))
        assert [(event.name, event.at.value) for event in run.events] == [("1 clusters", -math.inf)]
        assert_allclose(run.states["points"][-1], points, rtol=0, atol=1e-15)


def test_a_symmetric_triple_has_wide_bars_and_a_warning():
    _, run = followed(tokens(circle(-1, 0, 1), 100, "usa"))
    assert run.warning.startswith("ill conditioned")
    assert run.event("1 clusters").upper > run.event("1 clusters").value + 30


def test_a_run_that_was_not_checked_says_so():
    system = tokens(circle(0, 0.6, 1.6, 3.3), 200, "usa", masses(4, "lin"))
    run = collapse_trajectory(system, simulate_collapse(system, check=False), check=False)
    assert run.twins == ()
    assert "no error bars" in run.warning
    assert run.event("1 clusters").upper - run.event("1 clusters").lower == pytest.approx(2e-7)


def test_a_run_that_was_cut_short_shows_what_it_has_seen():
    system = ParticleSystem.uniform(10, 3, 20, "sa", 0)
    collapse = simulate_collapse(system, max_steps=70)
    run = collapse_trajectory(system, collapse, max_steps=70)
    assert len(run.axis) > 1
    assert run.axis.points[-1] <= collapse.log_time_of_collapse.lower
    assert collapse.note == run.warning


@pytest.mark.slow
def test_many_tokens_have_few_states(monkeypatch):
    system = ParticleSystem.uniform(20, 3, 100, "sa", 2)
    collapse = simulate_collapse(system, tolerance=1e-6, check=False)
    every = _plateaus.plateau_times(system, collapse)
    monkeypatch.setattr(_plateaus, "_NUMBERS", 9 * 2 * 20 * 3)
    few = _plateaus.plateau_times(system, collapse)
    assert 10 <= len(few) <= 19 < len(every)
    assert set(few) <= set(every)
    run = collapse_trajectory(system, collapse, check=False)
    assert run.states["points"].shape == (len(few), 20, 3)
    assert np.all(np.diff(run.observe(UNIT_ENERGY).value) > -1e-9)


def statuses(run):
    return {verdict.theorem: verdict.status for verdict in judge_all(run, theorems())}


STAIRCASE = {"staircase_times", "staircase_levels", "staircase_length"}
TWO_BODIES = {"two_token_time", "coalescence_time", "merge_location", "hemisphere_collapse", "hemisphere_cone"}


def test_far_tokens_climb_the_staircase():
    _, run = followed(tokens(circle(0, 0.6, 1.6, 3.3), 200, "usa"))
    verdicts = statuses(run)
    assert {verdicts[name] for name in STAIRCASE | {"energy_increases"}} == {Status.HOLDS}
    assert Status.VIOLATED not in verdicts.values()


def test_two_clusters_keep_their_closed_forms():
    _, run = followed(tokens(circle(0, 1), 50, "sa", np.array([0.75, 0.25])))
    verdicts = statuses(run)
    assert {verdicts[name] for name in TWO_BODIES | {"energy_increases"}} == {Status.HOLDS}
    late = [replace(run.events[1], at=Estimate.exact(run.events[1].at.value + 0.3))]
    lied = statuses(replace(run, events=(run.events[0], *late), twins=()))
    assert lied["two_token_time"] is lied["coalescence_time"] is Status.VIOLATED


def test_verdicts_where_times_overflow():
    _, run = followed(tokens(circle(0, 2.8), 1000, "usa"))
    verdicts = statuses(run)
    assert {verdicts[name] for name in STAIRCASE | {"coalescence_time", "merge_location"}} == {Status.HOLDS}
    assert verdicts["two_token_time"] is Status.INAPPLICABLE
    assert verdicts["hemisphere_collapse"] is Status.VACUOUS


def test_near_a_saddle_nothing_is_claimed():
    _, run = followed(tokens(circle(-1, 0, 1), 100, "usa"))
    verdicts = statuses(run)
    assert {verdicts[name] for name in STAIRCASE} <= {Status.UNDECIDED, Status.INAPPLICABLE}
    assert Status.VIOLATED not in verdicts.values()


@pytest.mark.parametrize(("beta", "model"), [(3.0, "sa"), (40.0, "usa"), (300.0, "sa")])
def test_nothing_is_violated_on_random_tokens(beta, model):
    system = ParticleSystem.uniform(4, 2, beta, model, 5)
    _, run = followed(system)
    verdicts = statuses(run)
    assert verdicts["energy_increases"] is Status.HOLDS
    assert Status.VIOLATED not in verdicts.values()
