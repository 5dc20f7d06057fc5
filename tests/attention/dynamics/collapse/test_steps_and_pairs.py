"""The parts of the integrator, each against a slow and plain version."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, simulate_collapse, two_cluster_log_time
from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters, close_pairs
from fathometer.attention.dynamics.collapse.pairs import _partners
from fathometer.attention.dynamics.collapse.pairs._attraction import log_strength, relevant_pairs
from fathometer.attention.dynamics.collapse.pairs._pair_clock import PairClock, log_closing_rate
from fathometer.attention.dynamics.collapse.steps._force import Sources, force, force_and_contacts
from fathometer.attention.dynamics.collapse.steps._step import State, course_of, passed_time, powers, take_step
from fathometer.attention.dynamics.collapse.steps._window import Window, padded
from tests.oracles.attention import circle, field
from tests.oracles.collapse import masses, tokens


def sources_of(system, neighbours=None, rows=None):
    n = len(system.points)
    moves = np.ones(n if rows is None else rows, bool)
    arrays = map(jnp.asarray, (np.log(system.masses), moves, np.arange(n), np.zeros((n, 2), int)))
    return Sources(*arrays, neighbours, jnp.asarray(system.beta))


def velocities(found):
    return np.asarray(found.direction) * np.exp(float(found.log_speed))


@pytest.mark.slow
@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize(("n", "d"), [(2, 2), (9, 3), (12, 10)])
def test_the_force_is_the_field(n, d, model):
    for beta in (0.0, 3.0, 40.0):
        system = tokens(ParticleSystem.uniform(n, d, beta, model, 1).points, beta, model, masses(n, "lin"))
        found = force(jnp.asarray(system.points), sources_of(system), model)
        expected = field(system.points, system.masses, beta, model)
        assert_allclose(velocities(found), expected, rtol=1e-9, atol=1e-15)
        assert_allclose(np.linalg.norm(found.direction), 1, rtol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("model", list(Model))
def test_the_force_neither_overflows_nor_underflows(model):
    system = tokens(circle(0, 1), 1e4, model)
    found = force(jnp.asarray(system.points), sources_of(system), model)
    gap = 1 - math.cos(1)
    expected = -1e4 * gap + math.log(math.sin(1)) + (math.log(0.5) if model is Model.USA else 0) + math.log(2) / 2
    assert_allclose(found.log_speed, expected, rtol=1e-14)


@pytest.mark.slow
def test_torque_vanishes():
    """Rotations conserve sum m_i Z_i x_i ^ x_i'."""
    system = ParticleSystem.uniform(30, 4, 8, "sa", 0)
    speed = velocities(force(jnp.asarray(system.points), sources_of(system), Model.SA))
    kernel = np.exp(8 * (system.points @ system.points.T - 1)) @ system.masses
    torque = np.einsum("i,ia,ib->ab", system.masses * kernel, system.points, speed)
    assert np.abs(torque - torque.T).max() < 1e-14 * np.abs(torque).sum()


@pytest.mark.slow
def test_contacts_are_the_nearest_of_all_and_of_other_groups():
    system = tokens(circle(0, 0.1, 0.3, 2), 7, "usa", masses(4, "lin"))
    sources = sources_of(system)._replace(groups=jnp.asarray([0, 0, 1, 2]))
    _, contacts = force_and_contacts(jnp.asarray(system.points), sources, Model.USA)
    gap = 1 - math.cos(0.1)
    assert_allclose(contacts.nearest, gap, rtol=1e-13)
    assert_allclose(contacts.nearest_foreign, 1 - math.cos(0.2), rtol=1e-13)
    gaps = 1 - system.points @ system.points.T
    rates = system.masses * np.exp(-7 * gaps) * (1 + 7 * gaps * (2 - gaps)) * (1 - np.eye(4))
    assert_allclose(contacts.log_sensitivity, np.log(rates.sum(axis=1).max()), rtol=1e-12)


@pytest.mark.slow
def test_a13_lists_and_active_rows_against_all_pairs():
    system = ParticleSystem.uniform(512, 3, 1000, "sa", 2)
    cloud = Cloud(Clusters.of(system))
    every = velocities(force(jnp.asarray(system.points), sources_of(system), Model.SA))
    window = Window(cloud, np.zeros(0, int), 1000.0, Model.SA, 1e-11, 4.0)
    sources = window.sources()
    assert sources.neighbours is not None
    assert sources.neighbours.shape[1] < 200
    listed = velocities(force(jnp.asarray(window.points), jax.tree.map(jnp.asarray, sources), Model.SA))
    found = np.zeros_like(every)
    found[window.numbers[window.movers]] = listed[window.movers]
    assert_allclose(found, every, rtol=0, atol=1e-8 * np.abs(every).max())


def test_windows_keep_the_pairs_that_matter():
    for d, beta in ((3, 500.0), (3, 3000.0), (12, 60.0)):
        system = tokens(ParticleSystem.uniform(80, d, beta, "sa", 3).points, beta, "sa", masses(80, "lin"))
        cloud, free = Cloud(Clusters.of(system)), np.arange(80) % 7 != 0
        found = relevant_pairs(cloud, free, beta, Model.SA, 12.0)
        log_masses = np.log(system.masses)
        rates = log_strength(log_masses[:, None], log_masses[None], Model.SA) - beta * (
            1 - system.points @ system.points.T
        )
        np.fill_diagonal(rates, -np.inf)
        kept = np.zeros((80, 80), bool)
        if found.pairs is not None:
            kept[tuple(found.pairs.T)] = True
            kept |= kept.T
            matter = (rates >= found.log_rate) & (free[:, None] | free[None])
            assert np.array_equal(kept, matter)
        assert found.log_rate <= rates[free].max() - 12 + 1e-9


def test_a_window_has_a_power_of_two_slots_and_moves_its_own():
    system = ParticleSystem.uniform(5, 3, 2, "sa", 0)
    cloud = Cloud(Clusters.of(system))
    window = Window(cloud, np.array([1]), 2.0, Model.SA, 1e-9, 4.0)
    assert len(window.numbers) == 8
    assert list(window.numbers[window.movers]) == [0, 2, 3, 4]
    moved = window.points.copy()
    moved[:4] = -moved[:4]
    window.place(moved)
    assert_allclose(cloud.points[[0, 2, 3, 4]], -system.points[[0, 2, 3, 4]])
    assert_allclose(cloud.points[1], system.points[1])
    merged = cloud.merge(2, 1, 0.5)
    window.replace(2, 1, merged)
    assert len(window) == 4
    assert merged in window.numbers[window.movers]
    assert [padded(k) for k in (1, 8, 9, 33, 129, 600, 700, 1500, 10000)] == [8, 8, 32, 128, 256, 768, 768, 1536, 12288]


def step_of(system, length, tolerance=1e-8):
    sources = sources_of(system)
    motion, contacts = force_and_contacts(jnp.asarray(system.points), sources, system.model)
    state = State(jnp.asarray(system.points), motion, contacts, jnp.asarray(-np.inf), jnp.asarray(-np.inf))
    return state, take_step(state, jnp.asarray(length), jnp.asarray(tolerance), sources, system.model)


def test_a_step_is_of_fifth_order_and_its_interpolant_of_fourth():
    """Two bodies of equal masses in arclength: each turns by length / sqrt 2; the clock has a closed form."""
    system, errors, inner, clock = tokens(circle(0, 1), 6, "sa"), [], [], []
    for length in (0.2, 0.1, 0.05):
        state, step = step_of(system, length)
        gap = 1 - math.sqrt(2) * length
        exact = two_cluster_log_time(1, gap, 6, (0.5, 0.5), "sa").value
        clock.append(abs(math.expm1(float(step.end.log_time) - exact)) * length)
        errors.append(np.abs(step.end.points - circle(length / math.sqrt(2), 1 - length / math.sqrt(2))).max())
        slots, middle = np.array([0, 1]), np.array([0.5])
        course = course_of(np.asarray(step.slopes), np.asarray(system.points), length, slots)
        half = course @ powers(middle)[0]
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        inner.append(np.abs(half - circle(length / 2**1.5, 1 - length / 2**1.5)).max())
        passed = passed_time(middle, np.asarray(step.pace), length)[0] * math.exp(-float(state.force.log_speed))
        assert_allclose(
            math.log(passed),
            two_cluster_log_time(1, 1 - length / math.sqrt(2), 6, (0.5, 0.5), "sa").value,
            atol=length**4,
        )
    assert clock[0] / clock[2] > 4**5
    assert errors[0] / errors[2] > 4**5
    assert inner[0] / inner[2] > 4**3.9


def test_partners_are_kept_up_to_date(monkeypatch):
    monkeypatch.setattr(_partners, "_FEW", 0)
    beta, random = 30.0, np.random.default_rng(0)
    system = tokens(ParticleSystem.uniform(25, 3, beta, "sa", 4).points, beta, "sa", masses(25, "lin"))
    cloud = Cloud(Clusters.of(system))
    partners = _partners.Partners(cloud, beta, Model.SA)
    for _ in range(15):
        mover = random.choice(cloud.alive)
        shifted = cloud.points[mover] + 0.2 * random.standard_normal(3)
        cloud.points[mover] = shifted / np.linalg.norm(shifted)
        if len(cloud.alive) > 4:
            cloud.merge(*(int(i) for i in random.choice(cloud.alive, 2, replace=False)), 0.0)
        partners.update()
        alive = cloud.alive
        rates = partners.attraction(alive, alive)
        np.fill_diagonal(rates, -np.inf)
        order = np.sort(rates, axis=1)
        assert_allclose(partners.best[alive], order[:, -1], atol=1e-9)
        assert_allclose(partners.second[alive], order[:, -2], atol=1e-9)
        assert np.array_equal(partners.partner[alive], alive[np.argmax(rates, axis=1)])


@pytest.mark.parametrize("model", list(Model))
def test_a_pair_clock_is_the_two_body_problem(model):
    weights = np.array([0.6, 0.3, 0.1])
    system = tokens(circle(0, 0.9, 3), 50, model, weights)
    clock = PairClock(Cloud(Clusters.of(system)), (0, 1), 2.0, 50.0, model, 0.01, 1e-9)
    alone = two_cluster_log_time(0.9, 2 * math.asin(0.005), 50, (0.6, 0.3), model).value
    assert_allclose(clock.log_event, np.logaddexp(2.0, alone), rtol=1e-14)
    assert clock.log_merger > clock.log_event
    half = np.logaddexp(2.0, two_cluster_log_time(0.9, 0.4, 50, (0.6, 0.3), model).value)
    first, second = np.arctan2(*clock.positions(half).T[::-1])
    assert_allclose(second - first, 0.4, rtol=1e-9)
    assert 0 < first < 0.9 * 0.5 < second < 0.9
    assert_allclose(clock.positions(2.0), system.points[:2], atol=1e-15)
    meeting = np.arctan2(*clock.meeting_point()[::-1])
    assert first < meeting < second
    rate = two_cluster_log_time(0.9, 0.9 - 1e-7, 50, (0.6, 0.3), model).value
    assert_allclose(log_closing_rate(Cloud(Clusters.of(system)), (0, 1), 50.0, model), math.log(1e-7) - rate, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.sampled_from([2, 3, 12]), st.floats(0.05, 1.5), st.integers(0, 10**6))
def test_close_pairs_are_those_of_all_distances(n, d, chord, seed):
    points = ParticleSystem.uniform(n, d, 1, "sa", seed).points
    far = np.linalg.norm(points[:, None] - points[None], axis=-1)
    expected = {(i, j) for i in range(n) for j in range(i) if far[i, j] <= chord}
    assert {(max(p), min(p)) for p in close_pairs(points, chord).tolist()} == expected


@pytest.mark.slow
def test_more_ties_than_clusters():
    """Of a hundred clusters that meet at once, each may touch several."""
    found = simulate_collapse(ParticleSystem.uniform(200, 3, 1.0, "sa", seed=203))
    assert str(found.status) == "collapsed"
    assert len(found.events) == 199
