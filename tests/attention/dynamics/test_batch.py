import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from fathometer.attention import (
    CLUSTER_COUNT,
    MEAN_COSINE,
    UNIT_ENERGY,
    Model,
    ParticleSystem,
    cluster_counts,
    simulate,
    simulate_batch,
)
from fathometer.attention.dynamics._batch import _components
from fathometer.evidence import InputError

TIMES = [0.0, 1.0, 4.0, 15.0]


def starts(systems, n, d, seed=0):
    return np.random.default_rng(seed).standard_normal((systems, n, d))


@pytest.mark.slow
@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("d", [3, 9])
def test_every_system_is_the_one_simulated_alone(model, d):
    """More systems than a chunk holds, betas out of order, and more dimensions than tokens."""
    points, betas = starts(5, 6, d), np.array([9.0, 0.0, 4.0, 1.0, 25.0])
    found = simulate_batch(points, betas, TIMES, model)
    for k, beta in enumerate(betas):
        alone = simulate(ParticleSystem.project(points[k], beta, model), TIMES)
        assert_allclose(found.unit_energy.value[k], alone.observe(UNIT_ENERGY).value, atol=1e-7)
        assert_allclose(found.mean_cosine.value[k], alone.observe(MEAN_COSINE).value, atol=1e-7)
        assert_array_equal(found.clusters.value[k], alone.observe(CLUSTER_COUNT).value)


@pytest.mark.slow
def test_a_thousand_systems_in_chunks():
    """8 tokens: 256 systems in a chunk. At beta = 1 all have met at t = 40, and energies never fall."""
    found = simulate_batch(starts(1000, 8, 3, 1), np.full(1000, 1.0), [0.0, 1.0, 2.0, 40.0], tolerance=1e-6)
    assert np.all(found.clusters.value[:, -1] == 1)
    assert np.all(np.diff(found.unit_energy.value, axis=1) > -1e-9)
    assert_allclose(found.mean_cosine.value[:, -1], 1, atol=1e-6)


def test_components_are_those_of_single_linkage():
    points = starts(40, 12, 2, 2)
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    near = np.linalg.norm(points[:, :, None] - points[:, None], axis=3) <= 0.3
    assert_array_equal(np.rint(_components(jnp.asarray(near))), cluster_counts(points, 0.3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": np.ones((2, 1, 3))}, r"points must have shape \(systems, n >= 2, d >= 2\)"),
        ({"points": np.zeros((2, 3, 3))}, "points must have nonzero rows, row 0 is zero"),
        ({"betas": [1.0]}, "betas must have one entry for each of 2 systems, got 1"),
        ({"betas": [1.0, -0.5]}, "betas must be at least 0, got -0.5"),
        ({"times": [1.0, 2.0]}, "times must start at 0"),
        ({"tolerance": 0.1}, "tolerance must be"),
        ({"model": "x"}, "model must be one of"),
    ],
)
def test_what_cannot_be_followed_is_refused(change, message):
    given = {"points": starts(2, 3, 3), "betas": [1.0, 2.0], "times": TIMES} | change
    with pytest.raises(InputError, match=message):
        simulate_batch(**given)
