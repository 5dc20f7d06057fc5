import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, energy_deficit, interaction, velocity, velocity_and_dissipation
from tests.oracles.attention import circle, field, rotation

MODELS = pytest.mark.parametrize("model", list(Model))


def arrays(system):
    return jnp.asarray(system.points), jnp.asarray(system.masses), system.beta


def random_system(n=7, d=4, beta=3.0, model="sa", seed=0):
    masses = np.random.default_rng(seed + 1).uniform(0.5, 2, n)
    points = np.random.default_rng(seed).standard_normal((n, d))
    return ParticleSystem.project(points, beta, model, masses)


@MODELS
@pytest.mark.parametrize("beta", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("shape", [(7, 4), (3, 2), (1, 2), (5, 40)])
def test_against_the_definition(model, beta, shape):
    system = random_system(*shape, beta=beta, model=model)
    expected = field(system.points, system.masses, beta, model)
    found = velocity(*arrays(system), system.model)
    assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert_allclose(jnp.sum(found * system.points, axis=1), 0.0, atol=1e-15)


@MODELS
@pytest.mark.parametrize("beta", [0.0, 2.0, 20.0])
def test_forces_are_the_gradient_of_the_energy(model, beta):
    points, masses, beta = arrays(random_system(beta=beta, model=model))
    gradient = -jax.grad(energy_deficit)(points, masses, beta)
    gradient -= jnp.sum(gradient * points, axis=1, keepdims=True) * points
    assert_allclose(masses[:, None] * interaction(points, masses, beta)[0], gradient, rtol=1e-11, atol=1e-15)


@MODELS
@pytest.mark.parametrize("beta", [0.0, 3.0])
def test_dissipation_is_the_rise_of_the_energy(model, beta):
    points, masses, beta = arrays(random_system(beta=beta, model=model))
    speed, rate = velocity_and_dissipation(points, masses, beta, model)

    def moved(step):
        ahead = points + step * speed
        return energy_deficit(ahead / jnp.linalg.norm(ahead, axis=1, keepdims=True), masses, beta)

    step = 1e-4
    assert_allclose((moved(-step) - moved(step)) / (2 * step), rate, rtol=1e-7)
    weight = masses * (interaction(points, masses, beta)[1] if model is Model.SA else 1.0)
    assert_allclose(jnp.dot(weight, jnp.sum(speed**2, axis=1)), rate, rtol=1e-14)


@MODELS
def test_nearby_tokens_attract_with_all_digits(model):
    gap = 1e-12
    points = jnp.array([[1.0, 0.0], [1.0, gap]])
    found = velocity(points, jnp.array([0.5, 0.5]), 5.0, model)
    assert_allclose(found[:, 1], [gap / 2, -gap / 2], rtol=1e-14)


@MODELS
def test_coincident_tokens_stay_together_exactly(model):
    points = jnp.asarray(random_system(n=6).points)[jnp.array([0, 1, 2, 1, 4, 1])]
    found = np.asarray(velocity(points, jnp.full(6, 1 / 6), 4.0, model))
    assert np.array_equal(found[1], found[3])
    assert np.array_equal(found[1], found[5])


@MODELS
def test_one_token_and_an_antipodal_pair_rest(model):
    assert not np.any(velocity(jnp.array([[0.6, 0.8]]), jnp.ones(1), 3.0, model))
    assert not np.any(velocity(jnp.array([[1.0, 0.0], [-1.0, 0.0]]), jnp.array([0.3, 0.7]), 3.0, model))


def test_partition_function_lies_between_the_mass_and_one():
    points, masses, _ = arrays(random_system())
    assert_allclose(interaction(points, masses, 1e6)[1], masses, rtol=1e-15)
    assert_allclose(interaction(points, masses, 0.0)[1], 1.0, rtol=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(list(Model)), st.floats(0, 50), st.integers(0, 10**6))
def test_rotation_permutation_and_splitting(model, beta, seed):
    system = random_system(6, 3, beta, model, seed)
    points, masses = system.points, system.masses
    expected = np.asarray(velocity(*arrays(system), model))

    turn, order = rotation(3, seed), np.random.default_rng(seed).permutation(6)
    found = velocity(jnp.asarray((points @ turn)[order]), jnp.asarray(masses[order]), beta, model)
    assert_allclose(found, (expected @ turn)[order], rtol=1e-10, atol=1e-14)

    halves = np.append(masses, masses[0] / 2)
    halves[0] /= 2
    found = velocity(jnp.asarray(points[[*range(6), 0]]), jnp.asarray(halves), beta, model)
    assert_allclose(found, expected[[*range(6), 0]], rtol=1e-10, atol=1e-14)


@MODELS
@pytest.mark.parametrize("beta", [0.0, 1.0, 7.0, 40.0])
def test_the_angular_momentum_identity(model, beta):
    """sum_i m_i (Z_i) x_i ^ dx_i/dt = 0, with Z_i for SA only."""
    points, masses, _ = arrays(random_system(n=30, beta=beta))
    speed, weight = velocity(points, masses, beta, model), masses
    if model is Model.SA:
        weight = masses * interaction(points, masses, beta)[1]
    moment = jnp.einsum("i,ij,ik->jk", weight, points, speed)
    assert_allclose(moment - moment.T, 0.0, atol=1e-15)


# number of corners, beta, USA rates (the rate k appears twice, as k and N - k)
POLYGONS = [
    (2, 4.0, [3.35462627902511839e-4]),
    (3, 1.0, [0.278912700185537286]),
    (3, 4.0, [0.00867563261833225448]),
    (3, 9.0, [9.93945337628461164e-6]),
    (5, 4.0, [0.0588005576060971627, 0.151388908683166918]),
    (5, 9.0, [0.00431110814146632157, 0.0112860890191467024]),
    (8, 9.0, [0.0201758429823935979, 0.0684905999905416492, 0.116250020495289515, 0.135870511744303183]),
]


@jax.jit
def spins(angles, beta):
    """USA as a motion of angles, with equal masses."""
    points = jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=1)
    speed = velocity(points, jnp.ones_like(angles) / len(angles), beta, Model.USA)
    return points[:, 0] * speed[:, 1] - points[:, 1] * speed[:, 0]


derivative_of_spins = jax.jit(jax.jacfwd(spins))


@pytest.mark.parametrize(("corners", "beta", "rates"), POLYGONS)
def test_linear_rates_of_a_regular_polygon(corners, beta, rates):
    """Eigenvalues of the derivative of the field, in angles."""
    angles = 2 * jnp.pi * jnp.arange(float(corners)) / corners
    found = np.sort(np.linalg.eigvalsh(derivative_of_spins(angles, beta)))
    expected = sorted([0.0, *rates, *(rates if corners % 2 else rates[:-1])])
    assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_rates_next_to_one_cluster_are_one():
    for model in Model:
        for beta in (0.0, 5.0, 100.0):
            points = jnp.asarray(circle(0.0, 1e-9, -2e-9, 3e-9))
            masses = jnp.array([0.1, 0.2, 0.3, 0.4])
            centre = jnp.dot(masses, points[:, 1])
            found = velocity(points, masses, beta, model)[:, 1] / (points[:, 1] - centre)
            assert_allclose(found, -1.0, rtol=1e-7)
