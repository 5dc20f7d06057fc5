"""The acceptance tests of the integrator, A1 to A13."""

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import ParticleSystem, default_resolution, two_cluster_log_time
from fathometer.attention.dynamics.collapse import CollapseStatus, simulate_collapse
from fathometer.attention.dynamics.collapse.steps import _window
from tests.oracles.attention import circle, rotation
from tests.oracles.attention_tables import MERGE_FRACTIONS, TO_CONTACT
from tests.oracles.collapse import EVENTS, LAST_EVENTS, LIGHT, NEAR_SADDLE, TRIPLE, masses, spread, tokens


def quick(system, **options):
    return simulate_collapse(system, check=False, **options)


def log_times(found):
    return np.array([event.log_time for event in found.events])


def partitions(found):
    return [frozenset(map(frozenset, event.members)) for event in found.events]


def oracle(row):
    n, d, kind, beta, model, events = row
    return tokens(spread(n, d), beta, model, masses(n, kind)), events


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [True, False])
@pytest.mark.parametrize("row", TO_CONTACT, ids=str)
def test_a1_two_tokens_merge_when_quadrature_says(row, jumps):
    model, weights, beta, expected = row
    system = tokens(circle(0, 1), beta, model, np.array(weights))
    for tolerance, error, evaluations in ((1e-8, 5e-9, 1000), (1e-10, 1e-10, 2000 if jumps else 2200)):
        found = quick(system, tolerance=tolerance, jumps=jumps)
        assert_allclose(found.events[0].log_time, expected, rtol=4e-16, atol=error)
        assert found.rhs_evaluations <= evaluations
        assert found.status is CollapseStatus.COLLAPSED


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [True, False])
@pytest.mark.parametrize("row", EVENTS, ids=lambda row: str(row[:5]))
def test_a2_many_bodies_against_34_digits(row, jumps):
    system, events = oracle(row)
    for tolerance in (1e-9, 1e-11):
        found = quick(system, tolerance=tolerance, jumps=jumps)
        assert partitions(found) == [frozenset(map(frozenset, pair[:2])) for pair in events]
        error = np.abs(log_times(found) - [time for *_, time in events])
        assert np.max(error) <= max(1e-8 * tolerance / 1e-9, 4e-11)


@pytest.mark.slow
@pytest.mark.parametrize("row", LAST_EVENTS, ids=lambda row: f"beta={row[0]}")
def test_a2_last_events_of_eight(row):
    beta, *expected = row
    for model, value in zip(("sa", "usa"), expected, strict=True):
        found = quick(tokens(spread(8, 3), beta, model), tolerance=1e-9)
        assert_allclose(found.log_time_of_collapse.value, value, rtol=6e-10, atol=2e-9)


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [True, False])
@pytest.mark.parametrize("row", [row for row in MERGE_FRACTIONS if row[0] == 0.8], ids=str)
def test_a3_where_two_bodies_meet(row, jumps):
    heavy, beta, fraction = row
    for model, expected in (("sa", fraction), ("usa", 1 - heavy)):
        run = finished(tokens(circle(0, 1), beta, model, np.array([heavy, 1 - heavy])), 1e-10, jumps)
        assert_allclose(np.arctan2(*run.cloud.points[run.cloud.alive[0]][::-1]), expected, atol=1e-8)


def finished(system, tolerance, jumps=True):
    seen = []
    simulate_collapse(system, tolerance=tolerance, jumps=jumps, check=False, progress=lambda _, run: seen.append(run))
    return seen[-1]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "d", "beta"), [("usa", 3, 20), ("sa", 3, 200), ("sa", 2, 20), ("usa", 2, 1)])
def test_a4_where_a_cluster_contracts_to(model, d, beta):
    random = np.random.default_rng(d)
    weights = random.dirichlet(np.full(6, 3.0))
    shape = random.uniform(-1, 1, (6, d - 1))
    residuals = {}
    for size in (0.3, 0.1, 0.03):
        offsets = size / math.sqrt(beta) * shape / np.max(np.linalg.norm(shape, axis=1))
        points = np.column_stack([np.sqrt(1 - np.sum(offsets**2, axis=1)), offsets])
        centre = weights @ points / np.linalg.norm(weights @ points)
        tangent = points - (points @ centre)[:, None] * centre
        third = weights @ (np.sum(tangent**2, axis=1)[:, None] * tangent)
        predicted = third / 6 * (1 if model == "usa" else 1 - beta)
        run = finished(tokens(points, beta, model, weights), 1e-11, jumps=False)
        drift = run.cloud.points[run.cloud.alive[0]] - centre
        drift -= (drift @ centre) * centre
        residuals[size] = np.linalg.norm(drift - predicted) / np.linalg.norm(predicted)
        if size == 0.1:
            assert_allclose(drift @ predicted, predicted @ predicted, rtol=0.02)
    assert residuals[0.3] >= 80 * residuals[0.03]


@pytest.mark.slow
def test_a5_steps_a_merger_do_not_grow_with_beta():
    for beta in (20, 200, 2000):
        found = quick(ParticleSystem.uniform(20, 3, beta, "sa", 1), jumps=False)
        assert found.accepted + found.rejected <= 150 * 19
    two = [quick(tokens(circle(0, 1), beta, "sa"), jumps=False).rhs_evaluations for beta in (100, 10000)]
    assert two[1] <= 3 * two[0]


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [True, False])
def test_a6_energy_rises_to_one_and_everything_is_finite(jumps):
    random = ParticleSystem.uniform(12, 3, 30, "sa", 5)
    antipodal = tokens(circle(0, math.pi - 1e-2), 1e4, "usa")
    for system in (random, antipodal):
        found = quick(system, jumps=jumps)
        energies = np.array([level.energy for level in found.energy_levels])
        assert len(energies) == len(system.points)
        assert np.all(np.diff(energies) > -1e-14)
        assert_allclose(energies[-1], 1, rtol=0, atol=1e-12)
        assert np.all(np.isfinite(log_times(found)))
    assert found.log_time_of_collapse.value > 19990


OCTAHEDRON = np.vstack([np.eye(3), -np.eye(3)])
POLYGONS = [circle(*(2 * np.pi * np.arange(n) / n)) for n in (2, 3, 4)]


@pytest.mark.parametrize("points", [*POLYGONS, OCTAHEDRON], ids=["pair", "triangle", "square", "octahedron"])
def test_a7_an_exact_saddle_is_reported_after_one_evaluation(points):
    for beta in (5, 100, 1000):
        for model in ("sa", "usa"):
            found = simulate_collapse(tokens(points, beta, model))
            assert (found.status, found.events, found.rhs_evaluations) == (CollapseStatus.SADDLE, (), 1)
            assert found.log_time_of_collapse.value == math.inf
            assert found.clusters == len(points)


@pytest.mark.parametrize("beta", [100, 1000])
def test_a8_the_twin_flags_a_symmetric_triple(beta):
    found = simulate_collapse(tokens(circle(-1, 0, 1), beta, "usa"))
    assert found.status is CollapseStatus.COLLAPSED
    assert_allclose(log_times(found), {100: 42.8244, 1000: 454.235}[beta], atol=5e-4)
    assert found.events[-1].ill_conditioned
    assert found.condition is None or found.condition > 1e3
    assert found.twin_events[-1].log_time > log_times(found)[-1] + 30


@pytest.mark.parametrize("row", EVENTS, ids=lambda row: str(row[:5]))
def test_a8_the_twin_does_not_flag_generic_data(row):
    found = simulate_collapse(oracle(row)[0], tolerance=1e-9)
    assert found.condition < 100
    assert not found.twin_events
    assert not any(event.ill_conditioned or event.tied for event in found.events)


@pytest.mark.parametrize("row", TRIPLE, ids=str)
def test_a8_a_shifted_triple(row):
    beta, shift, expected = row
    assert_allclose(
        log_times(quick(tokens(circle(-1, shift, 1), beta, "usa"), tolerance=1e-9))[-1], expected, atol=0.006
    )


@pytest.mark.parametrize("jumps", [True, False])
@pytest.mark.parametrize("delta", [1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
def test_a9_ties_of_disjoint_pairs(delta, jumps):
    found = simulate_collapse(
        tokens(circle(0, 0.7, 3, 3.7 + delta), 1000, "usa"), tolerance=1e-9, jumps=jumps, check=False
    )
    first, second = found.events[:2]
    assert first.members == ((0,), (1,))
    if jumps:
        assert_allclose(second.log_time - first.log_time, 1000 * math.sin(0.7) * delta, rtol=0.01)
    else:
        assert_allclose(second.log_time - first.log_time, 1000 * math.sin(0.7) * delta, rtol=0.01, atol=5e-10)
    assert second.tied == (delta == 1e-12)


@pytest.mark.slow
def test_a10_rotation_permutation_and_splitting():
    for beta, model in ((20, "sa"), (200, "usa")):
        points, weights = ParticleSystem.uniform(16, 3, beta, model, 7).points, masses(16, "lin")
        plain = quick(tokens(points, beta, model, weights))
        turned = quick(tokens(points @ rotation(3, 1).T, beta, model, weights))
        assert_allclose(log_times(turned), log_times(plain), rtol=0, atol=1e-7)
        order = np.random.default_rng(2).permutation(16)
        permuted = quick(tokens(points[order], beta, model, weights[order]))
        assert_allclose(log_times(permuted), log_times(plain), rtol=0, atol=1e-7)
        assert [{frozenset(order[list(side)]) for side in event.members} for event in permuted.events] == [
            set(map(frozenset, event.members)) for event in plain.events
        ]
        halves = np.append(weights, weights[3] / 2)
        halves[3] /= 2
        split = quick(tokens(np.vstack([points, points[3]]), beta, model, halves))
        assert split.events[0].log_time is None
        assert split.events[0].members == ((3,), (16,))
        assert_allclose([event.log_time for event in split.events[1:]], log_times(plain), rtol=0, atol=1e-9)


def test_a10_one_particle_and_coincident_ones():
    one = simulate_collapse(tokens(circle(0.3), 5, "sa"))
    assert (one.status, one.events) == (CollapseStatus.COLLAPSED, ())
    assert one.log_time_of_collapse.value == -math.inf
    same = simulate_collapse(tokens(circle(1, 1, 1), 5, "sa"))
    assert [event.log_time for event in same.events] == [None, None]
    assert same.log_time_of_collapse.value == -math.inf


@pytest.mark.parametrize("row", LIGHT, ids=str)
def test_a10_a_light_token_merges_when_quadrature_says(row):
    light, expected = row
    system = tokens(circle(0, 1), 100, "sa", np.array([1 - light, light]))
    assert_allclose(quick(system).events[0].log_time, expected, rtol=2e-12)
    assert_allclose(quick(system, tolerance=1e-10, jumps=False).events[0].log_time, expected, atol=1e-10)


@pytest.mark.slow
def test_a11_jumps_change_nothing():
    system = ParticleSystem.uniform(100, 3, 1000, "sa", 3)
    with_jumps, without = quick(system, tolerance=1e-7), quick(system, tolerance=1e-7, jumps=False)
    assert partitions(with_jumps) == partitions(without)
    assert np.max(np.abs(log_times(with_jumps) - log_times(without))) <= 1e-5
    assert with_jumps.jumps > 60
    assert with_jumps.accepted < without.accepted / 2


@pytest.mark.slow
@pytest.mark.parametrize(("d", "beta", "model"), [(2, 60, "sa"), (3, 100, "usa"), (3, 10000, "sa"), (5, 3000, "usa")])
def test_a11_jumps_change_nothing_in_small_clouds(d, beta, model):
    for seed in range(3):
        n = 14 if seed else 50  # above 32 clusters only those that matter are looked at
        system = tokens(ParticleSystem.uniform(n, d, beta, model, seed).points, beta, model, masses(n, "lin"))
        with_jumps, without = quick(system), quick(system, jumps=False)
        assert partitions(with_jumps) == partitions(without)
        pairs = [(a.log_time, b.log_time) for a, b in zip(with_jumps.events, without.events, strict=True)]
        assert all(a == b if a is None else abs(a - b) <= 1e-6 for a, b in pairs)
        assert with_jumps.jumps > 0


@pytest.mark.slow
def test_a11_many_isolated_pairs_at_once():
    """Twelve pairs round the circle, each on its own clock, merge in the order and at the times of two bodies."""
    gaps = np.linspace(0.06, 0.09, 12)[np.random.default_rng(0).permutation(12)]
    starts = 2 * np.pi * np.arange(12) / 12
    points = circle(*np.column_stack([starts, starts + gaps]).ravel())
    found = quick(tokens(points, 1e4, "sa"))
    end = 2 * math.asin(default_resolution(1e4) / 2)
    expected = np.sort([two_cluster_log_time(gap, end, 1e4, (1 / 24, 1 / 24), "sa").value for gap in gaps])
    assert_allclose(log_times(found)[:12], expected, rtol=0, atol=1e-9)
    assert found.jumps >= 12


@pytest.mark.slow
def test_a13_windows_change_nothing(monkeypatch):
    system = ParticleSystem.uniform(120, 3, 1000, "sa", 4)
    found = quick(system, tolerance=1e-7)
    monkeypatch.setattr(_window, "_ALL", 10**6)
    everything = quick(system, tolerance=1e-7)
    assert partitions(found) == partitions(everything)
    assert abs(log_times(found)[-1] - log_times(everything)[-1]) <= 1e-7


def test_a12_tolerance_ladder():
    system = ParticleSystem.uniform(20, 3, 50, "sa", 11)
    times = [log_times(quick(system, tolerance=tolerance)) for tolerance in (1e-6, 1e-8, 1e-10)]
    first, second = (np.max(np.abs(coarse - fine)) for coarse, fine in pairwise(times))
    assert second < first / 20
    found = simulate_collapse(system)
    errors = np.array([event.error for event in found.events])
    assert np.all(np.abs(log_times(found) - times[2]) <= errors + 1e-9)
    assert np.max(errors) < 1e-6
    last = found.log_time_of_collapse
    assert_allclose(last.upper - last.value, errors[-1], rtol=1e-6, atol=1e-13)


@pytest.mark.parametrize("row", NEAR_SADDLE, ids=str)
def test_three_tokens_near_a_saddle_merge_when_the_exact_solution_does(row):
    beta, shift, expected = row
    found = quick(tokens(circle(0, 2 * np.pi / 3, 4 * np.pi / 3 + shift), beta, "usa"), tolerance=1e-8)
    assert found.status is CollapseStatus.COLLAPSED
    assert_allclose(found.events[0].log_time, expected, atol=1e-4)


def test_the_event_chord_is_what_the_events_are_about():
    system = tokens(circle(0, 1), 4, "usa")
    early, late = (quick(system, event_chord=chord, jumps=False).events[0].log_time for chord in (0.4, 0.01))
    assert early < quick(system, event_chord=default_resolution(4)).events[0].log_time < late
