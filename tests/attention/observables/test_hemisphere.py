import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, simulate
from fathometer.attention.observables._cosines import average_directions, extreme_cosines
from fathometer.attention.observables._hemisphere import chart_diameter, log_chart_shrinkage, slowest_approach
from fathometer.attention.observables._standard import DISSIPATION_DEFECT, UNIT_ENERGY, known_along
from fathometer.attention.observables.clusters._clusters import time_of_one_cluster, until_one_cluster
from fathometer.evidence import Axis, AxisKind, Origin, Trajectory
from tests.oracles.attention import circle
from tests.oracles.attention_variants import average

TIMES = np.array([0.0, 1.0, 4.0, 30.0])


def closing(deficits):
    """Pairs of tokens about the x-axis, with 1 - cosine to it as given."""
    halves = np.arccos(1 - np.asarray(deficits))
    return np.stack([circle(-half, half) for half in halves])


def test_an_approach_at_a_known_rate_is_measured():
    times = np.arange(0.0, 60.0)
    found = slowest_approach(closing(0.4 * np.exp(-times)), times, 0.25)
    assert_allclose(found.value, -0.75, rtol=1e-6)  # after one unit of time, the tightest
    assert_allclose([found.lower, found.upper], -0.75, atol=1e-5)
    assert slowest_approach(closing(0.4 * np.exp(-times)), times, 1.5).lower > 0


def test_before_it_has_converged_an_approach_is_not_known():
    times = np.arange(0.0, 4.0)
    found = slowest_approach(closing(0.4 * np.exp(-times)), times, 0.25)
    assert found.upper > 0 > found.value
    assert np.isnan(slowest_approach(closing([0.9, 0.7]), times[:2], 0.25).value)
    assert np.isnan(slowest_approach(closing([1e-12, 1e-13]), times[:2], 0.25).value)


def test_the_shrinkage_of_the_chart_has_bars_of_a_ten_millionth():
    points = np.stack([circle(-0.5, 0.5), circle(-0.1, 0.1), circle(0.0, 0.0)])
    axis = Axis(AxisKind.TIME, TIMES[:3])
    found = log_chart_shrinkage(points, points[0], axis)
    assert_allclose(found.value[:2], [0, np.log(np.tan(0.1) / np.tan(0.5))], atol=1e-12)
    assert_allclose(found.upper[2], np.log(1e-7 / (2 * np.tan(0.5))))
    assert found.value[2] == found.lower[2] == -np.inf
    assert_allclose(chart_diameter(points, np.array([1.0, 0.0])), [2 * np.tan(0.5), 2 * np.tan(0.1), 0.0], atol=1e-15)


@pytest.mark.slow
def test_the_part_of_a_run_before_one_cluster():
    system = ParticleSystem(circle(-0.5, 0.5), 1.0, Model.SA)
    run = simulate(system, TIMES)
    part = until_one_cluster(run)
    assert part.axis.points[-1] == time_of_one_cluster(run).upper < run.axis.points[-1]
    uncounted = Trajectory(system, run.axis, run.states, Origin.RECORDED)
    assert until_one_cluster(uncounted) is uncounted


def test_observables_of_runs_that_kept_neither_them_nor_points_are_not_known():
    system = ParticleSystem(circle(-0.5, 0.5), 1.0, Model.SA)
    bare = Trajectory(system, Axis(AxisKind.TIME, TIMES), {"dissipated": TIMES}, Origin.SIMULATED)
    assert np.all(np.isnan(known_along(bare, DISSIPATION_DEFECT).value))
    with_points = Trajectory(system, bare.axis, {"points": np.stack([system.points] * 4)}, Origin.SIMULATED)
    assert_allclose(known_along(with_points, UNIT_ENERGY).value, (1 + np.exp(np.cos(1.0) - 1)) / 2)


@pytest.mark.parametrize("beta", [0.0, 3.0])
def test_directions_of_attention_averages(beta):
    system = ParticleSystem.uniform(5, 3, beta, "sa", seed=0)
    expected = np.stack([average(x, system.points, system.masses, beta, "sa") for x in system.points])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert_allclose(average_directions(system.points, system.masses, beta), expected, atol=1e-14)


def test_extreme_cosines_of_a_single_token_are_not_known():
    assert np.all(np.isnan(extreme_cosines(np.eye(3)[None, :1])))
    assert_allclose(extreme_cosines(circle(0, 1, 3)[None]), [[np.cos(3), np.cos(1)]])
