import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, particles
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
    with pytest.raises(InputError, match="must be a ParticleSystem, got Problem"):
        particles(Problem())
