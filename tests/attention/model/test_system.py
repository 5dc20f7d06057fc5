import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, mean_cosine
from fathometer.evidence import InputError, Problem
from tests.oracles.attention import circle

POINTS = circle(0.1, 1.0, 2.5)


def test_masses_are_shares_and_equal_by_default():
    assert_allclose(ParticleSystem(POINTS, 1.0, Model.SA).masses, 1 / 3)
    system = ParticleSystem(POINTS, 1.0, Model.USA, np.array([1.0, 2.0, 5.0]))
    assert_allclose(system.masses, [0.125, 0.25, 0.625])
    assert not (system.points.flags.writeable)
    assert not (system.masses.flags.writeable)


def test_rows_are_made_unit():
    system = ParticleSystem(POINTS * (1 + 5e-7), 1.0, Model.SA)
    assert_allclose(np.linalg.norm(system.points, axis=1), 1.0, rtol=4e-16)


@pytest.mark.parametrize("d", [2, 7, 300])
def test_a_system_survives_json(d):
    system = ParticleSystem.uniform(9, d, 2.5, "sa", seed=d)
    assert Problem.from_json(json.loads(json.dumps(system.to_json()))) == system
    assert ParticleSystem(system.points, system.beta, system.model, system.masses) == system


def test_any_nonzero_rows_can_be_projected():
    system = ParticleSystem.project([[3e-320, 0], [1e200, 1e200], [0, -5]], 1.0, "sa", [1, 1, 2])
    assert_allclose(system.points, [[1, 0], [0.5**0.5, 0.5**0.5], [0, -1]])
    with pytest.raises(InputError, match="points must have nonzero rows, row 1 is zero"):
        ParticleSystem.project([[1, 0], [0, 0]], 1.0, "sa")


def test_uniform_points_repeat_with_the_seed_and_have_no_direction():
    system = ParticleSystem.uniform(4000, 3, 1.0, "sa", seed=5)
    assert system == ParticleSystem.uniform(4000, 3, 1.0, "sa", seed=5)
    assert system != ParticleSystem.uniform(4000, 3, 1.0, "sa", seed=6)
    moments = system.points.T @ system.points / 4000
    assert np.linalg.norm(system.points.mean(axis=0)) < 4.5 / np.sqrt(4000)
    assert_allclose(moments, np.eye(3) / 3, atol=0.04)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.array([[1.0], [-1.0]]), r"points must have shape \(n, d\) with n >= 1 and d >= 2, got \(2, 1\)"),
        (np.empty((0, 3)), "n >= 1"),
        (np.array([1.0, 0.0]), r"points must have 2 dimension\(s\)"),
        (POINTS * [[1], [1.1], [1]], "row 1 has norm 1.1"),
        (np.array([[np.nan, 1.0]]), "points must be finite, got nan at index"),
    ],
)
def test_impossible_points(points, message):
    with pytest.raises(InputError, match=message):
        ParticleSystem(points, 1.0, Model.SA)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-0.5, "sa"), "beta must be >= 0, got -0.5"),
        ((np.inf, "sa"), "beta must be finite and >= 0, got inf"),
        ((np.nan, "sa"), "beta must be finite and >= 0, got nan"),
        ((1.0, "soft"), r"model must be one of \['sa', 'usa'\], got 'soft'"),
        ((1.0, "sa", [1, 1]), "masses must have one entry for each of 3 points, got 2"),
        ((1.0, "sa", [1, -1, 1]), "masses must be positive, got -1.0 at index 1"),
        ((1.0, "sa", [1, 0, 1]), "masses must be positive, got 0.0 at index 1"),
        ((1.0, "sa", [1, np.nan, 1]), "masses must be finite"),
    ],
)
def test_impossible_systems_cannot_be_built(arguments, message):
    with pytest.raises(InputError, match=message):
        ParticleSystem.project(POINTS, *arguments)


def test_uniform_refuses_what_is_not_a_shape():
    for n, d in ((0, 3), (3, 1)):
        with pytest.raises(InputError):
            ParticleSystem.uniform(n, d, 1.0, "sa", seed=0)


def test_other_problems_are_refused():
    with pytest.raises(InputError, match="must be of type ParticleSystem, got Problem"):
        ParticleSystem.expect(Problem())


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1.0, 1e300, 1.7e308])
def test_masses_of_any_size_are_normalised(size):
    """Their sum may overflow, and their inverse."""
    system = ParticleSystem.project(np.eye(3), 1.0, "sa", np.full(3, size))
    np.testing.assert_allclose(system.masses, np.full(3, 1 / 3), rtol=1e-15)
    np.testing.assert_array_equal(
        ParticleSystem.project(np.eye(3), 1.0, "sa", [0.25, 0.5, 0.25]).masses, [0.25, 0.5, 0.25]
    )


@pytest.mark.parametrize("masses", [[1e300, 1, 1], [1.7e308, 1e-320, 1], [1, 1e-16, 1]])
def test_a_mass_that_is_lost_beside_the_others_is_refused(masses):
    with pytest.raises(InputError, match=r"each of masses must be at least 1e-15 of their sum, got .* at index 1"):
        ParticleSystem.project(np.eye(3), 1.0, "sa", masses)


@pytest.mark.parametrize("light", [0.5, 1e-3, 1e-9, 1e-14])
def test_the_mean_cosine_of_two_tokens_is_theirs_whatever_their_masses(light):
    """No cancellation in 1 - sum m_i^2, which is 2 m (1 - m)."""
    points = np.array([[1.0, 0.0], [0.6, 0.8]])
    assert mean_cosine(points, np.array([1 - light, light])) == pytest.approx(0.6, abs=1e-12)
    three = np.vstack([points, [[0.0, 1.0]]])
    masses = np.array([1 - 2 * light, light, light]) if light < 0.5 else np.full(3, 1 / 3)
    pairs = masses[[0, 0, 1]] * masses[[1, 2, 2]]
    assert mean_cosine(three, masses) == pytest.approx(pairs @ [0.6, 0.0, 0.8] / pairs.sum(), abs=1e-12)
