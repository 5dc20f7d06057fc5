import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import ParticleSystem, dm_energy, energy_deficit, log_mp_energy, unit_energy
from fathometer.evidence import InputError
from tests.oracles.attention import circle, energy, rotation


def simplex(n):
    """n corners of the regular simplex of R^(n-1), as rows of R^n."""
    rows = np.eye(n) - 1 / n
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def regular(n):
    return circle(*(2 * np.pi * np.arange(n) / n))


CONFIGURATIONS = {
    "square": (regular(4), lambda b: (1 + 2 * math.exp(-b) + math.exp(-2 * b)) / 4),
    "triangle": (regular(3), lambda b: (1 + 2 * math.exp(-1.5 * b)) / 3),
    "antipodal pair": (regular(2), lambda b: (1 + math.exp(-2 * b)) / 2),
    "orthogonal": (np.eye(6), lambda b: (1 + 5 * math.exp(-b)) / 6),
    "simplex": (simplex(5), lambda b: (1 + 4 * math.exp(-1.25 * b)) / 5),
    "one cluster": (circle(1.0, 1.0, 1.0), lambda b: 1.0),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("beta", [0.0, 0.3, 4.0, 500.0])
def test_energies_of_symmetric_configurations(name, beta):
    points, expected = CONFIGURATIONS[name]
    found = unit_energy(jnp.asarray(points), jnp.full(len(points), 1 / len(points)), beta)
    assert_allclose(found, expected(beta), rtol=1e-14)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 40), st.integers(0, 10**6))
def test_against_the_definition_and_under_symmetries(beta, seed):
    generator = np.random.default_rng(seed)
    system = ParticleSystem.project(generator.standard_normal((5, 3)), beta, "sa", generator.uniform(0.1, 1, 5))
    expected = energy(system.points, system.masses, beta)
    order = generator.permutation(5)
    for points, masses in (
        (system.points, system.masses),
        ((system.points @ rotation(3, seed))[order], system.masses[order]),
        (np.repeat(system.points, 2, axis=0), np.repeat(system.masses / 2, 2)),
    ):
        assert_allclose(unit_energy(jnp.asarray(points), jnp.asarray(masses), beta), expected, rtol=1e-13)


def test_the_deficit_keeps_its_digits_next_to_collapse_and_at_beta_zero():
    points, masses = jnp.array([[1.0, 0.0], [1.0, 1e-10]]), jnp.array([0.25, 0.75])
    for beta in (0.0, 1e-200, 1.0, 1e6):
        assert_allclose(energy_deficit(points, masses, beta), 0.25 * 0.75 * 1e-20 / 2, rtol=1e-13)


def test_each_normalisation_of_the_energy_is_the_unit_energy_rescaled():
    assert_allclose(dm_energy([0.5, 1.0], 4.0), [0.0625, 0.125])
    assert_allclose(log_mp_energy([0.5], 4.0), [math.log(math.exp(4.0) * 0.5 / 8)])
    assert_allclose(log_mp_energy([1.0], 1e5), [1e5 - math.log(2e5)])
    with pytest.raises(InputError, match="beta must be > 0"):
        dm_energy(0.5, 0.0)
