"""Right-hand sides of large systems against the dense one, pair by pair sums and compiled memory."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, interaction, unit_energy, velocity_and_dissipation
from fathometer.attention.dynamics.large import (
    CircleSeries,
    Method,
    SphereSeries,
    evaluate_field,
    nearby_motion,
    tiled_interaction,
)
from fathometer.attention.dynamics.large._tiles import rounding_error
from fathometer.evidence import InputError
from tests.oracles.attention import circle

MODELS = pytest.mark.parametrize("model", list(Model))


def cloud(n, d, beta, model="sa", seed=0):
    random = np.random.default_rng(seed)
    return ParticleSystem.project(random.standard_normal((n, d)), beta, model, random.uniform(0.2, 2, n))


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("n", "d", "tile"), [(1, 3, 64), (101, 3, 64), (101, 2, 4096), (130, 9, 64), (70, 64, 4096)])
def test_tiles_against_all_pairs_at_sizes_that_do_not_divide(n, d, tile, precision):
    for beta in (0.0, 5.0, 300.0):
        system = cloud(n, d, beta)
        force, partition = interaction(jnp.asarray(system.points), jnp.asarray(system.masses), beta)
        arrays = jnp.asarray(system.points, precision), jnp.asarray(system.masses, precision)
        found, sums = tiled_interaction(*arrays, beta, tile)
        assert found.dtype == sums.dtype == precision
        error, total = rounding_error(beta, d, precision), np.asarray(partition)
        assert np.all(np.linalg.norm(np.asarray(found, float) - force, axis=1) <= error * total)
        assert np.all(np.abs(np.asarray(sums, float) - total) <= error * total)


@pytest.mark.parametrize(("n", "d"), [(100_000, 64), (100_000, 3), (1_000_000, 64)])
def test_memory_is_proportional_to_n(n, d):
    """By the compiler's own account; all pairs of a hundred thousand tokens would need forty gigabytes."""
    shapes = jax.ShapeDtypeStruct((n, d), jnp.float32), jax.ShapeDtypeStruct((n,), jnp.float32)
    compiled = tiled_interaction.lower(*shapes, 9.0, 512).compile()
    extra = compiled.memory_analysis().temp_size_in_bytes
    assert extra <= 16 * n * (d + 1) + 40 * 2**20


def test_memory_of_ten_thousand_in_64_dimensions_is_below_50_mebibytes():
    shapes = jax.ShapeDtypeStruct((10_000, 64), jnp.float32), jax.ShapeDtypeStruct((10_000,), jnp.float32)
    assert tiled_interaction.lower(*shapes, 9.0, 512).compile().memory_analysis().temp_size_in_bytes < 50 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.0, 0.01, 1.0, 9.0, 1e3, 1e4, 1e6])
def test_the_series_against_sums_over_pairs(beta):
    random = np.random.default_rng(3)
    angles, masses = random.uniform(-20, 20, 500), random.uniform(0.1, 2, 500)
    masses /= masses.sum()
    apart = angles[None] - angles[:, None]
    kernel = masses * np.exp(-2 * beta * np.sin(apart / 2) ** 2)
    for tolerance in (1e-5, 1e-12):
        series = CircleSeries(beta, tolerance)
        assert series.error <= tolerance
        force, partition = series.interaction(jnp.asarray(angles), jnp.asarray(masses))
        assert np.abs(partition - kernel.sum(axis=1)).max() <= series.error + 1e-14
        assert np.abs(force - (kernel * np.sin(apart)).sum(axis=1)).max() <= series.error + 1e-14
    assert series.cells <= 64 * math.sqrt(1 + beta)


def test_a_million_tokens_on_the_circle_against_a_sample_of_sums():
    random = np.random.default_rng(0)
    angles, beta = random.normal(0, 2, 1_000_000), 1e4
    masses = np.full(len(angles), 1 / len(angles))
    force, partition = CircleSeries(beta).interaction(jnp.asarray(angles), jnp.asarray(masses))
    sample = random.integers(0, len(angles), 5)
    apart = angles[None] - angles[sample][:, None]
    kernel = np.exp(-2 * beta * np.sin(apart / 2) ** 2) / len(angles)
    assert_allclose(partition[sample], kernel.sum(axis=1), rtol=2e-9)
    assert_allclose(force[sample], (kernel * np.sin(apart)).sum(axis=1), rtol=0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.0, 1e-3, 1.0, 9.0, 300.0, 1e4])
def test_the_series_in_dimension_3_against_all_pairs(beta):
    """Poles are where recurrences of harmonics break first; 700 tokens are no multiple of a block."""
    system = cloud(700, 3, beta)
    points = np.array(system.points)
    points[:3] = [[0, 0, 1], [0, 0, -1], [1e-9, 0, -1]]
    force, partition = interaction(jnp.asarray(points), jnp.asarray(system.masses), beta)
    for tolerance in (1e-5, 1e-12):
        series = SphereSeries(beta, tolerance)
        assert series.error <= tolerance
        found, sums = series.interaction(jnp.asarray(points), jnp.asarray(system.masses))
        assert np.max(np.abs(sums - partition)) <= series.error + 1e-14
        assert np.max(np.linalg.norm(found - force, axis=1)) <= series.error + 1e-14
    single, _ = SphereSeries(beta, 1e-7).interaction(
        jnp.asarray(points, "float32"), jnp.asarray(system.masses, "float32")
    )
    assert single.dtype == "float32"
    assert np.max(np.linalg.norm(np.asarray(single, float) - force, axis=1)) <= 1e-7 + 32 * np.finfo("float32").eps
    assert series.degree <= 8 * math.sqrt(beta) + 12


@pytest.mark.parametrize("beta", [0.5, 40.0])
def test_degrees_and_coefficients_are_those_of_the_kernel(beta):
    """a_l = (2 l + 1)/2 times the integral of exp(beta (t - 1)) P_l(t), by Gauss quadrature; their sum is 1."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    series = SphereSeries(beta, 1e-12)
    degrees = np.arange(series.degree + 1)
    kernel = np.asarray(series.tables.kernel) * (2 * degrees + 1) / (4 * np.pi)
    legendre = np.polynomial.legendre.legvander(nodes, series.degree)
    assert_allclose(kernel, (degrees + 0.5) * ((weights * np.exp(beta * (nodes - 1))) @ legendre), atol=1e-12)
    assert_allclose(1 - kernel.sum(), series.error, atol=1e-14)


@pytest.mark.slow
def test_three_hundred_thousand_tokens_in_dimension_3_against_a_sample_of_sums():
    system = ParticleSystem.uniform(300_000, 3, 9.0, "sa", 0)
    found = evaluate_field(system)
    assert found.method is Method.SERIES
    sample = np.arange(0, 300_000, 30_000)
    kernel = np.exp(9.0 * (system.points[sample] @ system.points.T - 1)) / 300_000
    total = kernel.sum(axis=1)
    pull = kernel @ system.points / total[:, None]
    exact = pull - np.sum(pull * system.points[sample], axis=1)[:, None] * system.points[sample]
    assert_allclose(found.partition[sample], total, rtol=1e-10)
    assert np.max(np.abs(found.velocity[sample] - exact)) <= found.error < 1e-9


def test_a_lonely_token_keeps_its_own_weight():
    angles, masses = jnp.asarray([0.0, 3.0]), jnp.asarray([1 - 1e-14, 1e-14])
    assert float(CircleSeries(1e4).interaction(angles, masses)[1][1]) >= 1e-14


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize(
    ("n", "d", "method"),
    [(60, 2, "series"), (60, 2, "tiles"), (60, 3, "series"), (60, 5, "tiles"), (40, 12, "tiles")],
)
def test_the_field_with_energy_and_dissipation(n, d, method, model):
    system = cloud(n, d, 20.0, model)
    arrays = jnp.asarray(system.points), jnp.asarray(system.masses), 20.0
    speed, rate = velocity_and_dissipation(*arrays, model)
    found = evaluate_field(system, method=method)
    assert np.max(np.linalg.norm(found.velocity - speed, axis=1)) <= found.error < 1e-8
    assert_allclose(found.unit_energy, unit_energy(*arrays), rtol=1e-11)
    assert_allclose(found.dissipation, rate, rtol=1e-9)
    assert evaluate_field(system).method == (Method.SERIES if d == 2 else Method.TILES)
    single = evaluate_field(system, precision="float32")
    assert (single.method, single.precision) == ("tiles", "float32")
    assert 1e-12 < np.max(np.linalg.norm(single.velocity - speed, axis=1)) <= single.error < 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_energies_of_square_simplex_and_orthogonal_tokens_are_exact(precision):
    """Square, orthogonal tokens and simplex; see `unit_energy` for the definition."""
    n, beta = 5, 2.0
    simplex = np.eye(n) - 1 / n
    for points, expected in (
        (circle(0, np.pi / 2, np.pi, 3 * np.pi / 2), (1 + 2 * math.exp(-beta) + math.exp(-2 * beta)) / 4),
        (circle(0, 2 * np.pi / 3, 4 * np.pi / 3), (1 + 2 * math.exp(-1.5 * beta)) / 3),
        (circle(0, np.pi), (1 + math.exp(-2 * beta)) / 2),
        (np.eye(n), (1 + (n - 1) * math.exp(-beta)) / n),
        (simplex, (1 + (n - 1) * math.exp(-beta * n / (n - 1))) / n),
    ):
        found = evaluate_field(ParticleSystem.project(points, beta, "sa"), precision=precision)
        assert_allclose(found.unit_energy, expected, rtol=1e-11 if precision == "float64" else 1e-6)
        if len(points) != n or points is simplex:  # orthogonal tokens are no equilibrium
            assert np.abs(found.velocity).max() <= found.error


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize(("n", "beta"), [(1500, 1000.0), (3000, 10000.0)])
def test_lists_relative_to_the_fastest_token(n, beta, model):
    """Errors of 10 to 20 times the share; 1500 and 3000 rows with short lists are cut into unequal powers of two."""
    system = ParticleSystem.uniform(n, 3, beta, model, 0)
    exact = velocity_and_dissipation(jnp.asarray(system.points), jnp.asarray(system.masses), beta, model)[0]
    for share in (1e-6, 1e-10):
        found = nearby_motion(system, share)
        assert_allclose(np.linalg.norm(found.direction), 1, rtol=1e-12)
        wrong = np.linalg.norm(found.direction * math.exp(found.log_speed) - exact, axis=1)
        assert np.max(wrong) <= 30 * share * np.max(np.linalg.norm(exact, axis=1))
        assert found.pairs < 0.1


def test_lists_on_a_plateau_where_forces_underflow():
    points = np.vstack([np.eye(3), -np.eye(3)]) + 0.1 * np.random.default_rng(0).standard_normal((6, 3))
    system = ParticleSystem.project(points, 1e4, "usa")
    found = nearby_motion(system)
    least = np.min(1 - system.points @ system.points.T + 9 * np.eye(6))
    assert found.log_speed < -3000
    assert abs(found.log_speed + 1e4 * least) < 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "dense"}, "method must be one of"),
        ({"precision": "float16"}, "precision must be one of"),
        ({"method": "series", "precision": "float32"}, "precision must be float64 with the series"),
        ({"tolerance": 0}, "tolerance must be >= 1e-14"),
    ],
)
def test_options_of_the_field_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        evaluate_field(cloud(4, 2, 1.0), **options)


def test_input_that_depends_on_the_system():
    with pytest.raises(InputError, match="method must be tiles in dimension 4"):
        evaluate_field(cloud(4, 4, 1.0), method="series")
    with pytest.raises(InputError, match=r"beta must be .* <= 10000"):
        evaluate_field(cloud(4, 3, 1e7), method="series")
    assert evaluate_field(cloud(4, 3, 1.0)).method is Method.TILES
    with pytest.raises(InputError, match="precision must be float64 with the series in dimension 2"):
        evaluate_field(cloud(4, 2, 1.0), method="series", precision="float32")
    with pytest.raises(InputError, match=r"beta must be .* <= 1e\+08"):
        evaluate_field(cloud(4, 2, 1e9), method="series")
    assert evaluate_field(cloud(4, 2, 1e9)).method is Method.TILES
    with pytest.raises(InputError, match="beta must be > 0"):
        nearby_motion(cloud(4, 3, 0.0))
    for alone in (cloud(1, 3, 5.0), ParticleSystem.project(np.ones((3, 3)), 5.0, "sa")):
        with pytest.raises(InputError, match="tokens must be at two places"):
            nearby_motion(alone)
