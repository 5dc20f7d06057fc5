import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    circle_hessian,
    energy_deficit,
    interaction_range,
    least_stiff_block,
    linear_rates,
    polygon_rates,
    pull_slope,
)
from fathometer.attention.theorems.clustering.clustering_circle import THEOREM as CIRCLE
from fathometer.attention.theorems.clustering.clustering_circle_small_beta import THEOREM as CIRCLE_SMALL
from fathometer.attention.theorems.clustering.clustering_higher_dimension import THEOREM as HIGHER
from fathometer.attention.theorems.clustering.clustering_large_beta import THEOREM as LARGE
from fathometer.attention.theorems.clustering.clustering_small_beta import THEOREM as SMALL
from fathometer.attention.theorems.clustering.clustering_vanishing_beta import THEOREM as VANISHING
from fathometer.attention.theorems.clustering.clustering_without_temperature import THEOREM as WITHOUT
from fathometer.evidence import Answer, AtLeast, Axis, AxisKind, Estimate, InputError, Origin, Status, Trajectory
from tests.oracles.attention import circle, energy

MODELS = pytest.mark.parametrize("model", list(Model))
POLYGONS = [
    (2, 1, [0.135335283236612692]),
    (2, 4, [3.35462627902511839e-4]),
    (2, 9, [1.52299797447126284e-8]),
    (3, 1, [0.278912700185537286]),
    (3, 4, [0.00867563261833225448]),
    (3, 9, [9.93945337628461164e-6]),
    (3, 25, [9.96294338616859693e-16]),
    (5, 1, [0.219325990684425069, 0.268190744413904934]),
    (5, 4, [0.0588005576060971627, 0.151388908683166918]),
    (5, 9, [0.00431110814146632157, 0.0112860890191467024]),
    (5, 25, [1.93932913851363967e-7, 5.07722959999826921e-7]),
    (8, 9, [0.0201758429823935979, 0.0684905999905416492, 0.116250020495289515, 0.135870511744303183]),
]


def polygon(n, beta, model=Model.USA):
    return ParticleSystem(circle(*(2 * np.pi / n * np.arange(n))), beta, model)


def simplex(beta, model=Model.SA):
    return ParticleSystem.project(np.eye(4) - 0.25, beta, model)


def octahedron(beta, model=Model.SA):
    return ParticleSystem(np.vstack([np.eye(3), -np.eye(3)]), beta, model)


def still(system):
    return Trajectory(system, Axis(AxisKind.TIME, np.zeros(1)), {"points": system.points[None]}, Origin.SIMULATED)


# derivatives


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.3, 4.0, 30.0])
def test_the_hessian_on_the_circle_is_that_of_autodiff(beta):
    angles, masses = np.array([0.1, 0.5, 1.7, 3.0, 5.0]), np.array([0.1, 0.3, 0.2, 0.15, 0.25])

    def rise(theta):
        points = jnp.stack([jnp.cos(theta), jnp.sin(theta)], axis=1)
        return -energy_deficit(points, jnp.asarray(masses), beta)

    expected = jax.hessian(rise)(jnp.asarray(angles))
    found = circle_hessian(angles, masses, beta)
    assert_allclose(found, expected, atol=1e-14)
    assert_allclose(found.sum(axis=1), 0, atol=1e-16)


def test_the_hessian_is_that_of_differences_of_the_energy():
    angles, beta, h = np.array([0.1, 0.9, 2.0]), 2.0, 1e-4
    unit = np.full(3, 1 / 3)
    E = lambda t: energy(circle(*t), unit, beta) / (2 * beta)  # noqa: E731
    steps = h * np.eye(3)
    numeric = [
        [(E(angles + a + b) - E(angles + a - b) - E(angles - a + b) + E(angles - a - b)) / (4 * h * h) for b in steps]
        for a in steps
    ]
    assert_allclose(circle_hessian(angles, unit, beta), numeric, atol=3e-8)


def test_separate_clusters_have_the_spectrum_of_blocks():
    angles = np.repeat([0.0, 2.0, 4.0], [2, 3, 4])
    values = np.linalg.eigvalsh(circle_hessian(angles, np.full(9, 1 / 9), 200.0))
    assert_allclose(values, np.repeat([-4, -3, -2, 0], [3, 2, 1, 3]) / 81, atol=1e-12)


@pytest.mark.parametrize("d", [2, 3, 10])
@pytest.mark.parametrize("beta", [1e-3, 0.5, 9.0, 1e6])
def test_the_pull_grows_up_to_the_interaction_range(beta, d):
    tau = interaction_range(beta, d)
    assert_allclose(beta * math.sin(tau) ** 2, (d - 1) * math.cos(tau), rtol=1e-9)
    if d == 2:
        assert (beta + 0.5) ** -0.5 < tau < min(beta**-0.5, np.pi / 2)
        h = 1e-5
        pull = lambda z: math.sin(z) * math.exp(9 * (math.cos(z) - 1))  # noqa: E731
        assert_allclose(pull_slope(np.array([0.7]), 9.0), (pull(0.7 + h) - pull(0.7 - h)) / (2 * h), rtol=1e-8)


# polygons


@pytest.mark.parametrize(("n", "beta", "rates"), POLYGONS)
def test_polygon_rates(n, beta, rates):
    usa = np.asarray(polygon_rates(n, beta, Model.USA).value)
    assert_allclose(usa, rates, rtol=1e-13, atol=2e-17)
    partition = np.mean(np.exp(beta * (np.cos(2 * np.pi / n * np.arange(n)) - 1)))
    assert_allclose(polygon_rates(n, beta, Model.SA).value, usa / partition, rtol=1e-14)


@MODELS
@pytest.mark.parametrize(("n", "beta"), [(2, 4.0), (3, 4.0), (5, 9.0), (8, 9.0)])
def test_polygon_rates_are_eigenvalues(n, beta, model):
    rates = np.asarray(linear_rates(polygon(n, beta, model)).value)
    for rate in np.asarray(polygon_rates(n, beta, model).value):
        assert np.min(np.abs(rates - rate)) < 1e-14


def test_the_triangle_is_marginal_at_minus_two_thirds():
    def rate(beta):
        return float(np.asarray(polygon_rates(3, beta, Model.USA).value)[0])

    assert abs(rate(-2 / 3)) < 1e-15
    assert rate(-0.67) < 0 < rate(-0.66)
    assert_allclose(rate(-0.3), (0.5 - 0.225) * math.exp(0.45), rtol=1e-13)


def test_one_cluster_contracts_at_rate_one():
    for model in Model:
        rates = np.asarray(linear_rates(ParticleSystem(circle(0.4, 0.4, 0.4), 7.0, model)).value)
        assert_allclose(rates, [0, -1, -1], atol=1e-14)


@pytest.mark.parametrize("bad", [(1, 1.0), (3, math.nan)])
def test_bad_polygons(bad):
    with pytest.raises(InputError):
        polygon_rates(*bad, Model.SA)


# blocks


def test_blocks_that_certify_a_saddle():
    pair = least_stiff_block(polygon(2, 1.0))
    assert pair.block == (0,)
    assert_allclose(pair.stiffness.value, -math.exp(-2) / 4, rtol=1e-13)
    for system in (octahedron(3.0), simplex(3.0), polygon(12, 9.0), polygon(40, 9.0)):
        assert least_stiff_block(system).stiffness.upper < 0


def test_no_block_of_a_stable_state_moves():
    system = ParticleSystem(circle(*(0.001 * np.arange(5))), 5.0, Model.SA)
    assert least_stiff_block(system).stiffness.lower > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9))
def test_all_blocks_are_tried(seed, n):
    system = ParticleSystem.uniform(n, 3, 4.0, Model.USA, seed)
    cosines = system.points @ system.points.T
    slopes = (2 * cosines - 4 * (1 - cosines**2)) * np.exp(4 * (cosines - 1)) / n**2
    sums = [
        sum(slopes[i, j] for i in range(n) for j in range(n) if bits >> i & 1 and not bits >> j & 1)
        for bits in range(1, 2**n - 1)
    ]
    assert_allclose(least_stiff_block(system).stiffness.value, min(sums), atol=1e-14)


def test_large_clouds_try_clusters():
    angles = np.concatenate([np.linspace(0, 0.01, 20), 1.0 + np.linspace(0, 0.01, 21)])
    found = least_stiff_block(ParticleSystem(circle(*angles), 4.0, Model.SA))
    assert found.block in (tuple(range(20)), tuple(range(20, 41)))
    assert found.stiffness.upper < 0


# criteria


@pytest.mark.parametrize(
    ("statement", "system"),
    [
        (WITHOUT, octahedron(0.0)),
        (WITHOUT, polygon(5, 0.0)),
        (SMALL, polygon(5, 0.1)),
        (VANISHING, polygon(5, 0.1)),
        (LARGE, polygon(4, 2.0)),
        (CIRCLE_SMALL, polygon(5, 0.9)),
        (HIGHER, octahedron(5.0)),
        (HIGHER, simplex(5.0, Model.USA)),
        (CIRCLE, polygon(5, 9.0, Model.SA)),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_tokens_at_rest_are_saddles(statement, system):
    verdict = statement.test(still(system))
    assert verdict.status is Status.HOLDS, verdict.explanation
    wrong = dataclasses.replace(statement, predict=_too_fast)
    assert wrong.test(still(system)).status is Status.VIOLATED


def _too_fast(problem, axis):
    return AtLeast(2.0)


def test_a_stable_state_would_violate_them():
    verdict = HIGHER.judge(octahedron(5.0), Estimate.exact(-1.0))
    assert verdict.status is Status.VIOLATED


@pytest.mark.parametrize(
    ("statement", "system", "reason"),
    [
        (WITHOUT, octahedron(0.1), "beta = 0"),
        (SMALL, polygon(5, 0.3), "beta n"),
        (VANISHING, polygon(5, 0.3), "beta n"),
        (LARGE, polygon(5, 2.4), "n^2"),
        (CIRCLE_SMALL, polygon(5, 1.1), "beta <= 1"),
        (CIRCLE_SMALL, octahedron(0.5), "d = 2"),
        (HIGHER, polygon(5, 9.0), "d >= 3"),
        (CIRCLE, octahedron(9.0), "d = 2"),
        (CIRCLE, ParticleSystem(circle(0, 1, 2), 4.0, Model.SA), "at rest"),
        (CIRCLE, ParticleSystem(circle(1, 1), 4.0, Model.SA), "more than one"),
    ],
)
def test_where_the_criteria_do_not_apply(statement, system, reason):
    verdict = statement.test(still(system))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0
    assert any(reason in check.hypothesis for check in verdict.checks if check.answer is Answer.FAILS)


def test_rates_below_rounding_are_undecided():
    assert CIRCLE.test(still(polygon(3, 30.0))).status is Status.UNDECIDED
