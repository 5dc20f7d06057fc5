import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    CLUSTER_COUNT,
    DISSIPATION_DEFECT,
    UNIT_ENERGY,
    Model,
    ParticleSystem,
    cluster_counts,
    cluster_events,
    equiangular_log_time,
    simulate,
)
from fathometer.attention.dynamics import _simulate as implementation
from fathometer.evidence import InputError, Kind, Origin, Trajectory
from tests.oracles.attention import circle, integrate, rotation

MODELS = pytest.mark.parametrize("model", list(Model))

# Figure 1 of Geshkovski, Koubbi, Polyanskiy and Rigollet (2024): SA, beta = 4
CIRCLE = circle(0.06219714, 0.21432297, 1.81912262, 2.91107101, 3.18793696)


@pytest.mark.slow
@MODELS
def test_smaller_tolerances_approach_an_independent_solver(model):
    system = ParticleSystem.uniform(6, 3, 4.0, model, seed=3)
    times = np.array([0.0, 0.5, 2.0, 8.0])
    expected = integrate(system, times)
    errors = [
        np.abs(simulate(system, times, tolerance=tolerance).states["points"] - expected).max()
        for tolerance in (1e-7, 1e-8, 1e-10)
    ]
    assert np.all(np.array(errors) < [1e-6, 1e-7, 1e-9])
    assert errors[1] < errors[0] / 4
    assert errors[2] < errors[1] / 16


@pytest.mark.slow
def test_the_solution_does_not_depend_on_which_times_are_saved():
    system = ParticleSystem.uniform(6, 3, 4.0, Model.SA, seed=3)
    early, late = (simulate(system, times).states["points"] for times in ([0, 0.1, 0.2, 5], [0, 4.8, 4.9, 5]))
    assert_allclose(early[-1], late[-1], atol=1e-7)
    assert np.abs(early[-1] - late[-2]).max() > 1e-4


@pytest.mark.slow
def test_figure_one_of_the_metastability_paper():
    """Tokens within 0.05 rad form a cluster: chord 2 sin(0.025), a rounding of the default 0.05."""
    system = ParticleSystem(CIRCLE, 4.0, Model.SA)
    times = np.concatenate([np.arange(0, 8, 0.01), np.arange(8, 400, 0.5)])
    run = simulate(system, times)
    events = cluster_events(times, cluster_counts(run.states["points"], 2 * np.sin(0.025)))
    found = {event.name: event.at for event in events}
    assert found["5 clusters"].value == 0
    for name, time, error in (("4", 1.16, 0.01), ("3", 2.27, 0.01), ("2", 5.09, 0.01), ("1", 328.26, 0.5)):
        assert abs(found[f"{name} clusters"].value - time) < error
    energy = run.observe(UNIT_ENERGY)
    plateau = (times > 20) & (times < 300)
    assert_allclose(energy.value[plateau], 13 / 25, atol=0.006)
    assert abs(energy.value[np.searchsorted(times, 20)] - 13 / 25) < 0.001
    last = run.states["points"][-1]
    assert_allclose(np.arctan2(last[:, 1], last[:, 0]), 1.8378871, atol=2e-6)


@pytest.mark.slow
def test_the_circle_keeps_its_mean_angle():
    angles, masses = np.array([0.0, 0.5, 1.3, 2.0, 2.6]), np.array([0.1, 0.3, 0.2, 0.25, 0.15])
    system = ParticleSystem(circle(*angles), 3.0, Model.USA, masses)
    points = simulate(system, [0, 1, 10, 100], tolerance=1e-10).states["points"]
    found = np.arctan2(points[..., 1], points[..., 0]) @ masses
    assert_allclose(found, angles @ masses, atol=1e-9)


@pytest.mark.slow
@MODELS
def test_equiangular_tokens_take_the_time_of_the_closed_form(model):
    times = [float(np.exp(equiangular_log_time(0.0, rho, 6, 4.0, model).value)) for rho in (0.1, 0.5, 0.99)]
    points = simulate(ParticleSystem(np.eye(6), 4.0, model), [0.0, *times], tolerance=1e-10).states["points"]
    cosines = np.einsum("tid,tjd->tij", points, points)[:, *np.triu_indices(6, 1)]
    assert_allclose(cosines, np.repeat([[0.0], [0.1], [0.5], [0.99]], 15, axis=1), atol=1e-8)


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("beta", [0.0, 5.0, 100.0])
def test_the_rate_next_to_one_cluster_is_one(model, beta):
    masses = np.array([0.2, 0.3, 0.1, 0.1, 0.3])
    system = ParticleSystem(circle(5e-4, 1e-3, -2e-3, 2e-3, -1e-3), beta, model, masses)
    points = simulate(system, [0.0, 1.0, 3.0, 4.0], tolerance=1e-10).states["points"]
    spread = points[..., 1] - (points[..., 1] @ system.masses)[:, None]
    assert_allclose(np.log(spread[1] / spread[2]), 2.0, rtol=1e-4)


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("beta", [0.0, 1.0, 64.0])
@pytest.mark.parametrize("tolerance", [1e-7, 1e-10])
def test_the_tolerance_is_the_error_of_the_energy(model, beta, tolerance):
    times = np.linspace(0, 60, 121)
    run = simulate(ParticleSystem.uniform(6, 3, beta, model, seed=1), times, tolerance=tolerance)
    assert np.abs(run.observe(DISSIPATION_DEFECT).value).max() < 10 * tolerance
    assert np.diff(run.observe(UNIT_ENERGY).value).min() > -1e-11


@pytest.mark.slow
def test_tokens_in_many_dimensions_stay_in_their_span():
    small = ParticleSystem.uniform(6, 6, 3.0, Model.SA, seed=0)
    turn = rotation(40, 1)[:6]
    large = ParticleSystem.project(small.points @ turn, 3.0, Model.SA)
    times = [0.0, 1.0, 5.0, 6.0]
    expected, found = (simulate(system, times) for system in (small, large))
    assert_allclose(found.states["points"], expected.states["points"] @ turn, atol=1e-7)
    assert_allclose(found.states["dissipated"], expected.states["dissipated"], rtol=1e-6)
    assert np.array_equal(found.states["points"][0], large.points)


@pytest.mark.slow
def test_identical_tokens_stay_identical_and_a_mass_stands_for_them():
    doubled = ParticleSystem(CIRCLE[[0, 1, 2, 3, 4, 4]], 4.0, Model.SA)
    weighted = ParticleSystem(CIRCLE, 4.0, Model.SA, np.array([1.0, 1, 1, 1, 2]))
    run, expected = (
        simulate(system, [0, 1, 3, 30], tolerance=1e-10).states["points"] for system in (doubled, weighted)
    )
    assert np.array_equal(run[:, 4], run[:, 5])
    assert_allclose(run[:, :5], expected, atol=1e-8)


@pytest.mark.slow
def test_a_clustered_system_of_32_tokens_reaches_time_10000():
    generator = np.random.default_rng(0)
    centres, noise = generator.standard_normal((8, 256)) / 16, generator.standard_normal((32, 256)) / 160
    system = ParticleSystem.project(centres[np.arange(32) % 8] + noise, 32.0, Model.SA)
    run = simulate(system, [0, 100, 10_000])
    assert run.observe(CLUSTER_COUNT).value.tolist() == [32, 8, 8]
    assert_allclose(run.observe(UNIT_ENERGY).value[-1], 1 / 8, rtol=1e-6)


@pytest.mark.slow
def test_a_trajectory_says_what_it_is():
    system = ParticleSystem(CIRCLE, 4.0, Model.SA)
    run = simulate(system, [0, 0.5, 1, 6])
    assert run.origin is Origin.SIMULATED
    assert run.problem == system
    assert run.states["points"].shape == (4, 5, 2)
    assert run.states["dissipated"].shape == (4,)
    assert_allclose(np.linalg.norm(run.states["points"], axis=-1), 1.0, rtol=1e-15)
    assert set(run.provenance.versions) >= {"fathometer", "jax", "diffrax"}
    assert [event.name for event in run.events] == ["5 clusters", "4 clusters", "3 clusters", "2 clusters"]
    assert run.event("3 clusters").kind is Kind.HEURISTIC
    assert (run.event("3 clusters").lower, run.event("3 clusters").upper) == (1.0, 6.0)
    assert run.event("1 clusters").lower == 6.0
    assert run.event("1 clusters").value == np.inf
    assert Trajectory.from_json(json.loads(json.dumps(run.to_json()))) == run


def test_code_is_compiled_once_per_shape():
    times = np.linspace(0, 1, 4)
    simulate(ParticleSystem.uniform(6, 3, 1.0, Model.SA, seed=0), times)
    compiled = implementation._solve._cache_size()
    for beta, tolerance in ((2.0, 1e-8), (0.0, 1e-7), (30.0, 1e-9)):
        simulate(ParticleSystem.uniform(6, 3, beta, Model.SA, seed=1), 2 * times, tolerance=tolerance)
    assert implementation._solve._cache_size() == compiled


def test_events_pass_through_every_number_and_never_back():
    events = cluster_events(np.array([0.0, 1.0, 2.0, 3.0]), np.array([5, 3, 4, 1]))
    assert [(e.name, e.at.lower, e.at.upper) for e in events] == [
        ("5 clusters", 0.0, 0.0),
        ("4 clusters", 0.0, 1.0),
        ("3 clusters", 0.0, 1.0),
        ("2 clusters", 2.0, 3.0),
        ("1 clusters", 2.0, 3.0),
    ]


@pytest.mark.parametrize(
    ("times", "tolerance", "message"),
    [
        ([1.0, 2.0], 1e-8, "times must start at 0, .* got 1"),
        ([0.0, 2.0, 2.0], 1e-8, "strictly increasing"),
        ([], 1e-8, "at least one"),
        ([0.0, np.nan], 1e-8, "times must be finite"),
        ([[0.0, 1.0]], 1e-8, r"times must have 1 dimension\(s\)"),
        ([0.0, 1.0], 1e-3, "tolerance must be >= 1e-13 and <= 1e-07, got 0.001"),
        ([0.0, 1.0], 0.0, "tolerance must be"),
    ],
)
def test_times_and_tolerances_out_of_range_are_refused(times, tolerance, message):
    with pytest.raises(InputError, match=message):
        simulate(ParticleSystem(CIRCLE, 4.0, Model.SA), times, tolerance=tolerance)


@pytest.mark.slow
def test_only_the_start_can_be_asked_for():
    system = ParticleSystem.uniform(6, 3, 4.0, Model.SA, seed=3)
    run = simulate(system, [0.0])
    assert np.array_equal(run.states["points"][0], system.points)
    assert run.states["dissipated"].tolist() == [0.0]


def test_tokens_at_a_saddle_stay_there():
    square = circle(*(np.pi / 2 * np.array([0, 1, 2, 3, 3])))
    run = simulate(ParticleSystem(square, 2.0, Model.SA, np.array([1.0, 1, 1, 0.5, 0.5])), [0.0, 1.0, 2.0, 4.0])
    assert np.abs(run.states["points"] - run.states["points"][0]).max() < 1e-14
    assert np.all(run.states["dissipated"] < 1e-25)


@pytest.mark.slow
def test_times_out_of_reach_are_an_error(monkeypatch):
    monkeypatch.setattr(implementation, "MAX_STEPS", 50)
    with pytest.raises(InputError, match=r"times must end earlier: 50 steps reached only t = 1$"):
        simulate(ParticleSystem(CIRCLE, 4.0, Model.SA), [0.0, 1.0, 1e5, 1e6, 1e7])
    implementation._solve.clear_cache()
