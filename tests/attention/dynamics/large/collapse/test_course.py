"""What holds along the first two stages of a large collapse: energy, hull, mass, memory."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from scipy.optimize import nnls

from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.dynamics.large.collapse._clocks import Clocks
from fathometer.attention.dynamics.large.collapse._continuum import Continuum, Scales
from fathometer.attention.dynamics.large.collapse.sums._scattered import transforms_are_here

BETA = 30.0
PEAK = """
import resource, sys
from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.large.collapse._continuum import Continuum, Scales
class Enough(Exception): pass
def stop(continuum):
    if continuum.adams.accepted >= 12: raise Enough
def peak(n):
    try: Continuum(ParticleSystem.uniform(n, 3, 1000.0, "sa", 0), Scales()).run(stop)
    except Enough: return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak(1000)
print(peak(100_000) - before)
"""
"""Prints by how many bytes the peak of a process grows with steps of a hundred thousand tokens."""


@pytest.fixture(scope="module")
def course():
    """Masses and points of a cloud in a cap, in common time and by clocks of their own."""
    random = np.random.default_rng(0)
    points = np.array([0.0, 0.0, 1.0]) + 0.6 * random.standard_normal((60, 3))
    system = ParticleSystem.project(points[points[:, 2] > 0.2], BETA, "sa")
    seen = [(system.masses, system.points)]
    continuum = Continuum(system, Scales(until=6.0))
    continuum.run(lambda now: seen.append((now.masses, now.adams.points)))
    arrays = continuum.adams.points, continuum.masses, continuum.adams.time
    clocks = Clocks(*arrays, BETA, system.model, 1e-9, (2e-4, 0.02))
    clocks.run(1e4, 1, lambda now: seen.append((now.masses[now.present], now.where(now.present, now.time))))
    return seen


def energy(masses, points):
    return masses @ np.exp(BETA * (points @ points.T - 1)) @ masses


def test_the_energy_never_falls_and_mass_is_kept(course):
    energies = [energy(masses, points) for masses, points in course]
    assert np.min(np.diff(energies)) > -1e-9
    assert energies[-1] > 2 * energies[0]
    assert all(abs(masses.sum() - 1) < 1e-13 for masses, _ in course)


def test_the_hull_never_grows(course):
    stages = [points for _, points in course[:: max(1, len(course) // 12)]]
    for before, after in itertools.pairwise(stages):
        assert max(nnls(before.T, point)[1] for point in after) < 1e-7


@pytest.mark.parametrize("beta", [1e-310, 1e-12, 1e-10, 1e-8, 1e-4])
def test_where_the_kernel_is_almost_constant_tokens_move_as_by_its_limit(beta):
    """The mean m gives x' = m - <m, x> x, by a solver of its own; beta changes velocities by no more than beta."""
    system = ParticleSystem.uniform(60, 3, beta, "sa", 1)
    continuum = Continuum(system, Scales(until=2.0, merge_chord=1e-9))
    continuum.run(lambda now: None)

    def mean_field(_, flat):
        points = flat.reshape(-1, 3)
        mean = points.mean(axis=0)
        return (mean - (points @ mean)[:, None] * points).ravel()

    adams = continuum.adams
    assert adams.time >= 2
    start = system.points[continuum.tree.labels]
    exact = solve_ivp(mean_field, (0, adams.time), start.ravel(), rtol=1e-10, atol=1e-12).y[:, -1]
    assert_allclose(adams.points.ravel(), exact, atol=1e-6 + 5 * beta)


@pytest.mark.slow
@pytest.mark.skipif(not transforms_are_here(), reason="finufft is not installed")
def test_memory_is_proportional_to_the_number_of_tokens():
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 2000 * 100_000


@pytest.mark.slow
def test_what_is_over_in_an_instant_runs_on_its_own_and_the_others_feel_it():
    beta, since = 100.0, 30.0
    turns = np.array(
        [[0.0, 0.0], [0.45, 0.0], [0.2, 0.5], [1.5, 0.3], [-1.4, 0.1], [0.3, 1.7], [0.2, -1.6], [1.9, 0.7]]
    )
    along, up = turns.T
    points = np.stack([np.cos(along) * np.cos(up), np.sin(along) * np.cos(up), np.sin(up)], axis=1)
    masses = np.linspace(1, 2, len(points)) / np.linspace(1, 2, len(points)).sum()
    system = ParticleSystem.project(points, beta, "sa", masses)
    clocks = Clocks(system.points, system.masses, np.exp(since), beta, system.model, 1e-10, (1e-5, 0.01))
    clocks.run(np.exp(500.0), 2, lambda now: None)
    events = simulate_collapse(system, tolerance=1e-10, check=False).events
    expected = np.logaddexp(since, [event.log_time for event in events[: len(clocks.contacts)]])
    found = np.array([contact.log_time for contact in clocks.contacts])
    assert expected[0] < since + 1e-6 < expected[-1]
    assert len(found) == len(points) - 2
    assert np.max(np.abs(found - expected)) < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("since", [30.0, 104.0, 199.0, 400.0])
@pytest.mark.parametrize(("beta", "event_chord"), [(1e3, 3e-3), (1e4, 1e-3)])
def test_steps_that_are_lost_in_the_rounding_of_a_late_time_do_no_harm(beta, event_chord, since):
    along, up = np.array([[0.0, 0.0], [0.05, 0.0], [0.02, 0.05], [1.5, 0.3], [-1.4, 0.1], [1.44, 0.33]]).T
    points = np.stack([np.cos(along) * np.cos(up), np.sin(along) * np.cos(up), np.sin(up)], axis=1)
    masses = np.linspace(1, 2, 6) / np.sum(np.linspace(1, 2, 6))
    system = ParticleSystem.project(points, beta, "sa", masses)
    clocks = Clocks(system.points, system.masses, np.exp(since), beta, system.model, 1e-10, (1e-5, event_chord))
    clocks.run(np.exp(690.0), 3, lambda now: None)
    assert clocks.alive == 3
    assert_allclose([contact.log_time for contact in clocks.contacts], since, rtol=0, atol=2e-6)
    assert np.all(np.isfinite(clocks.where(clocks.present, clocks.time)))


@pytest.mark.parametrize("log_speed", [-600.0, -370.0, -150.0, 0.0])
def test_a_cluster_that_moves_by_less_than_the_least_square_moves_as_it_should(log_speed):
    beta, apart = 1e4, np.sqrt(2 * max(-log_speed, 1.0) / 1e4)
    points = np.array([[1.0, 0.0, 0.0], [np.cos(apart), np.sin(apart), 0.0], [-1.0, 0.0, 0.0]])
    system = ParticleSystem.project(points, beta, "usa")
    pull = system.masses[1] * np.exp(beta * (np.cos(apart) - 1)) * np.sin(apart)
    time, way = 1e-4 * beta**-0.5 / pull, 1e-4 * beta**-0.5
    clocks = Clocks(system.points, system.masses, max(1.0, time), beta, system.model, 1e-12, (1e-6, 1e-5))
    clocks.run(clocks.time + time, 1, lambda now: None)
    moved = clocks.where(np.array(0), clocks.time) - points[0]
    assert clocks.alive == 3
    assert_allclose(moved[1], way, rtol=1e-2)
    assert 0 < clocks.steps < 400


@pytest.mark.parametrize("chord", [0.06, 0.08, 0.1])
def test_a_pair_that_falls_late_meets_at_the_same_place_whoever_steps_first(chord):
    beta, since, along = 300.0, np.exp(18.17), np.array([0.0, chord, chord + 0.39])
    points = np.stack([np.cos(along), np.sin(along), np.zeros(3)], axis=1)
    masses = np.array([0.3, 0.5, 0.2])
    system = ParticleSystem.project(points, beta, "sa", masses)

    def velocities(_, angles):
        apart = angles - angles[:, None]
        weights = masses * np.exp(beta * (np.cos(apart) - 1))
        return np.sum(weights * np.sin(apart), axis=1) / np.sum(weights, axis=1)

    met = solve_ivp(velocities, (0, 25), along, method="DOP853", rtol=1e-12, atol=1e-13).y[:2, -1].mean()
    clocks = Clocks(system.points, system.masses, since, beta, system.model, 3e-12, (3.5e-5, 5.8e-3))
    clocks.run(since + 25, 2, lambda now: None)
    x, y, _ = clocks.where(clocks.present[:1], clocks.time)[0]
    assert clocks.alive == 2
    assert abs(np.arctan2(y, x) - met) < 2e-10
