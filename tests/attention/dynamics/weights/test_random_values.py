from itertools import pairwise

import jax
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import expm

from fathometer.attention import MEAN_COSINE, ParticleSystem
from fathometer.attention.dynamics.variants import Normalization, Variant, as_tokens
from fathometer.attention.dynamics.weights import (
    ANTIPODAL_PAIRS,
    MEAN_SQUARED_COSINE,
    RandomValues,
    antipodal_exponent,
    antipodal_pairs,
    draw_random_values,
    mean_squared_cosine,
    one_cluster_exponent,
    simulate_random_values,
)
from fathometer.attention.figures.random_values import pair_exponents
from fathometer.evidence import InputError
from fathometer.numerics import in_float64

ALONE = ParticleSystem.uniform(1, 3, 1.0, "sa", seed=0)


@pytest.mark.slow
@in_float64
def test_one_token_follows_the_product_of_the_exponentials_of_its_values():
    times = [0.0, 0.25, 0.9]
    run = simulate_random_values(RandomValues(ALONE, 0.2), times, seed=7, step=0.02)
    key, x = jax.random.key(7), ALONE.points[0]
    for i, (time, end) in enumerate(pairwise(times), start=1):
        while time < end - 1e-12:
            number = int(np.floor(time / 0.2 + 1e-9))
            until = min((number + 1) * 0.2, end)
            value = np.asarray(jax.random.normal(jax.random.fold_in(key, number), (3, 3))) / np.sqrt(3)
            x = expm((until - time) * value) @ x
            time = until
        assert_allclose(run.states["points"][i, 0], x / np.linalg.norm(x), atol=1e-7)
    assert run.twins
    assert np.isnan(as_tokens(run).observe(ANTIPODAL_PAIRS).value).all()
    once = simulate_random_values(RandomValues(ALONE, 1e9), times, seed=7, step=0.05)  # values that stay
    value = np.asarray(jax.random.normal(jax.random.fold_in(key, 0), (3, 3))) / np.sqrt(3)
    x = expm(0.9 * value) @ ALONE.points[0]
    assert_allclose(once.states["points"][-1, 0], x / np.linalg.norm(x), atol=1e-7)


@pytest.mark.slow
def test_opposite_tokens_stay_opposite_and_draws_differ():
    pair = ParticleSystem.project([[1.0, 0, 0], [-1.0, 0, 0]], 4.0, "sa")
    run = draw_random_values(RandomValues(pair, 0.25), 2.0, 3, seed=1, step=0.1)
    points = run.states["points"]
    assert points.shape == (3, 2, 3)
    assert_allclose(points[:, 0], -points[:, 1], atol=1e-12)
    assert np.linalg.norm(points[0, 0] - points[1, 0]) > 0.01
    assert_allclose(as_tokens(run).observe(MEAN_COSINE).value, -1, atol=1e-9)
    assert_allclose(as_tokens(run).observe(MEAN_SQUARED_COSINE).value, 1, atol=1e-9)


def test_pairs_are_counted_by_mass():
    points, masses = np.array([[1.0, 0], [-1.0, 0], [0.0, 1]]), np.array([0.5, 0.25, 0.25])
    pairs = 1 - np.sum(masses**2)
    assert antipodal_pairs(points, masses) == pytest.approx(2 * 0.125 / pairs)
    assert mean_squared_cosine(points, masses) == pytest.approx(2 * 0.125 / pairs)
    assert np.isnan(mean_squared_cosine(points[:1], np.ones(1)))


def test_opposite_halves_attract_above_a_threshold_and_become_a_product_of_matrices():
    for d in (2, 3, 8):
        threshold = np.arctanh((d - 2) / (d - 1))
        assert antipodal_exponent(d, threshold + 0.01) < 0 <= antipodal_exponent(d, max(threshold - 0.01, 0.0)) + 1e-12
        assert antipodal_exponent(d, 50.0) == pytest.approx(-1 / d)
        assert one_cluster_exponent(d) == pytest.approx(-(d - 1) / (2 * d))


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.0, 0.5, 2.0])
def test_measured_exponents_are_the_predicted_ones(beta):
    for sign, expected in ((1.0, one_cluster_exponent(3)), (-1.0, antipodal_exponent(3, beta))):
        seen = pair_exponents(sign, beta, 600, 5)
        assert abs(seen.mean() - expected) < 4 * seen.std() / np.sqrt(600) + 0.01


@pytest.mark.slow
def test_tokens_become_one_cluster_or_two_opposite_ones_as_beta_says():
    for beta, low, high in ((0.25, 0.85, 1.0), (6.0, -0.1, 0.15)):
        system = ParticleSystem.uniform(16, 3, beta, "sa", 0)
        run = draw_random_values(RandomValues(system, 0.4), 100.0, 100, seed=2, step=0.2)
        tokens = as_tokens(run)
        assert low < tokens.observe(MEAN_COSINE).value.mean() < high
        assert tokens.observe(MEAN_SQUARED_COSINE).value.mean() > 0.95


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RandomValues(ALONE, 0.0), "redraw must be > 0"),
        (
            lambda: RandomValues(ALONE, 1.0, Variant(ALONE, query=np.ones((2, 1, 3)), key=np.ones((2, 1, 3)))),
            "one head",
        ),
        (lambda: RandomValues(ALONE, 1.0, Variant(ALONE, normalization=Normalization.PRE)), "post or ngpt"),
        (lambda: simulate_random_values(RandomValues(ALONE, 1.0), [1.0], seed=0), "times must start at 0"),
        (lambda: simulate_random_values(RandomValues(ALONE, 1e-9), [0.0, 1.0], seed=0), "redraw be larger"),
        (lambda: draw_random_values(RandomValues(ALONE, 1.0), 1.0, 0, seed=0), "draws must be"),
        (lambda: one_cluster_exponent(1), "d must be"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
