"""Simulation of large systems against the plain one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    CLUSTER_COUNT,
    DISSIPATION_DEFECT,
    MEAN_COSINE,
    UNIT_ENERGY,
    ParticleSystem,
    simulate,
)
from fathometer.attention.dynamics.large import simulate_large
from fathometer.attention.theorems.energy import energy_increases
from fathometer.evidence import InputError, Status

TIMES = np.array([0, 0.1, 1, 4.0])


def cloud(n, d, beta, model):
    random = np.random.default_rng(1)
    return ParticleSystem.project(random.standard_normal((n, d)), beta, model, random.uniform(0.5, 2, n))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "d", "model"), [(40, 2, "sa"), (30, 20, "usa")])
def test_against_the_plain_simulation(n, d, model):
    system = cloud(n, d, 9.0, model)
    plain = simulate(system, TIMES)
    found = simulate_large(system, TIMES, tolerance=1e-8, keep_states=True, observables=(CLUSTER_COUNT,))
    assert_allclose(found.states["points"], plain.states["points"], atol=3e-8)
    assert_allclose(found.states["dissipated"], plain.states["dissipated"], atol=1e-9)
    for observable in (UNIT_ENERGY, MEAN_COSINE, CLUSTER_COUNT):
        assert_allclose(found.observe(observable).value, plain.observe(observable).value, atol=1e-9)
    assert np.abs(found.observe(DISSIPATION_DEFECT).value).max() < 1e-8
    assert energy_increases.THEOREM.test(found).status is Status.HOLDS


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_series_in_dimension_3_against_tiles(precision):
    system = cloud(300, 3, 9.0, "sa")
    tolerance = 1e-8 if precision == "float64" else 1e-5
    given = {"precision": precision, "tolerance": tolerance, "keep_states": True}
    tiles, series = (simulate_large(system, TIMES, method=method, **given) for method in ("tiles", "series"))
    assert_allclose(series.states["points"], tiles.states["points"], atol=30 * tolerance)
    assert energy_increases.THEOREM.test(series).status is Status.HOLDS


@pytest.mark.slow
def test_single_precision_and_what_is_kept():
    system = cloud(30, 4, 9.0, "sa")
    seen = []
    found = simulate_large(system, TIMES, precision="float32", tolerance=1e-4, progress=lambda *line: seen.append(line))
    assert found.provenance.precision == "float32"
    assert set(found.states) == {"dissipated"}
    assert [time for time, *_ in seen] == list(TIMES)
    plain = simulate(system, TIMES)
    assert_allclose(found.observe(UNIT_ENERGY).value, plain.observe(UNIT_ENERGY).value, atol=1e-5)
    assert found.observe(UNIT_ENERGY).upper[0] - found.observe(UNIT_ENERGY).value[0] > 1e-7
    with pytest.raises(InputError, match="state 'points' was not stored"):
        found.observe(CLUSTER_COUNT)


@pytest.mark.slow
def test_the_circle_conserves_the_mean_angle_of_usa():
    system = cloud(5000, 2, 400.0, "usa")
    found = simulate_large(system, [0, 3.0], keep_states=True)
    start, end = (np.arctan2(x[:, 1], x[:, 0]) for x in found.states["points"])
    shift = (end - start + np.pi) % (2 * np.pi) - np.pi
    assert abs(system.masses @ shift) < 1e-11
    assert np.max(np.abs(shift)) > 1e-4


@pytest.mark.slow
def test_one_token_and_coincident_ones_stay():
    for points in (np.ones((1, 3)), np.array([[1.0, 0], [1, 0], [-1, 0]])):
        system = ParticleSystem.project(points, 5.0, "sa")
        found = simulate_large(system, [0, 2.0], keep_states=True)
        assert_allclose(found.states["points"][1], system.points, atol=1e-12)


def test_times_tolerances_and_methods_out_of_range_are_refused():
    system = cloud(5, 4, 1.0, "sa")
    for options, message in (
        ({"times": [1, 2]}, "times must start at 0"),
        ({"times": [0, 1], "tolerance": 1}, "tolerance must be"),
        ({"times": [0, 1], "method": "series"}, "method must be tiles"),
    ):
        with pytest.raises(InputError, match=message):
            simulate_large(system, **options)
