import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    CLOUD_ENERGY,
    Model,
    ParticleSystem,
    as_clouds,
    enclosed_energy,
    least_energy,
    minimal_energy_bound,
    minimize_energy,
)
from fathometer.attention.dynamics.minimal_energy._polish import _local, polished
from fathometer.attention.theorems.energy._examples import run_of_repelling
from fathometer.evidence import Axis, AxisKind, InputError, Origin, Trajectory


def test_twelve_tokens_become_an_icosahedron_to_all_digits():
    answer = least_energy(12, 3, 4.0, starts=4)
    assert answer.search is not None
    assert_allclose(answer.search.best.value, 0.13029317726131585, rtol=4e-16)
    assert answer.search.reached == 1
    assert answer.search.points.shape == (12, 3)
    assert answer.reached is True
    assert 0 <= answer.gap.lower <= answer.gap.upper < 1e-14
    assert answer.document()["configuration"]["name"] == "icosahedron"
    assert dict(answer.rows())["reached by"] == "the best descent"
    assert [str(verdict.status) for verdict in answer.verdicts()] == ["HOLDS", "HOLDS"]


@pytest.mark.parametrize(("n", "energy"), [(5, 0.20941324419922), (7, 0.16335957151714)])
def test_the_best_of_several_descents_is_that_of_the_theory(n, energy):
    assert_allclose(minimize_energy(n, 3, 4.0, starts=4).best.value, energy, rtol=1e-13)


def test_without_descents_there_is_the_bound_and_the_configuration():
    answer = least_energy(240, 8, 9.0, degree=8, starts=0)
    assert answer.search is None
    assert_allclose(answer.best.value, 0.0068238759599804502, rtol=1e-15)
    assert answer.verdicts() == []
    assert answer.reached is None
    assert least_energy(241, 8, 9.0, degree=4, starts=0).best is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1001, "d": 3}, "n must be at most 1000, got 1001; up to 1000000000 with starts 0"),
        ({"n": 5, "d": 129}, "dim must be >= 2 and <= 128"),
        ({"n": 5, "d": 3, "starts": -1}, "starts must be >= 0"),
        ({"n": 5, "d": 3, "seed": -1}, "seed must be >= 0"),
    ],
)
def test_bad_values_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        least_energy(**arguments, beta=1.0)


def test_slope_and_hessian_of_the_polish_are_derivatives():
    points = ParticleSystem.uniform(5, 3, 1.0, "sa", 3).points
    basis, slope, hessian = _local(points, 2.0)
    top = np.max(points @ points.T - 3 * np.eye(5))

    def energy(step):
        moved = points + np.einsum("nde,ne->nd", basis, step.reshape(5, 2))
        moved = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return (np.sum(np.exp(2.0 * (moved @ moved.T - top))) - 5 * np.exp(2.0 * (1 - top))) / 4

    ahead = np.random.default_rng(0).standard_normal(10)
    rises = [energy(h * ahead) for h in (-1e-4, 0.0, 1e-4)]
    assert_allclose((rises[2] - rises[0]) / 2e-4, slope @ ahead, rtol=1e-6)
    assert_allclose((rises[2] - 2 * rises[1] + rises[0]) / 1e-8, ahead @ hessian @ ahead, rtol=1e-5)


def test_a_polished_cloud_is_at_rest_and_no_higher():
    moved = minimize_energy(7, 3, 4.0, starts=4).points + 1e-6 * np.random.default_rng(0).standard_normal((7, 3))
    near = ParticleSystem.project(moved, 4.0, "usa").points
    better = polished(near, 4.0)
    assert enclosed_energy(better, 4.0).upper <= enclosed_energy(near, 4.0).upper
    assert np.max(np.abs(_local(better, 4.0)[1])) < 1e-14


@pytest.mark.slow
def test_repelling_tokens_lose_energy_all_the_way():
    run = run_of_repelling()
    assert np.all(np.diff(run.observe(CLOUD_ENERGY).value) < 0)
    assert run.problem.summary() == {"type": "MinimalEnergy", "n": 12, "d": 3, "beta": 4.0}
    assert run.states["points"].shape == (10, 12, 3)


def test_clouds_have_equal_masses():
    points = ParticleSystem.uniform(3, 2, 1.0, "usa", 0).points
    heavy = ParticleSystem(points, 1.0, Model.USA, np.array([1.0, 1.0, 2.0]))
    run = Trajectory(heavy, Axis(AxisKind.TIME, np.zeros(1)), {"points": points[None]}, Origin.RECORDED)
    with pytest.raises(InputError, match=r"masses must be equal, got masses from 0\.25 to 0\.5"):
        as_clouds(run)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "d", "beta"), [(16, 5, 4.0), (27, 6, 1.0), (56, 7, 9.0), (120, 4, 9.0), (20, 19, 4.0)])
def test_descents_end_in_the_configurations(n, d, beta):
    assert least_energy(n, d, beta, starts=16).reached


@pytest.mark.slow
def test_for_all_small_clouds_on_the_sphere_the_gap_is_small_and_has_the_right_sign():
    for n in range(2, 40, 3):
        best, bound = minimize_energy(n, 3, 4.0, starts=8).best, minimal_energy_bound(n, 3, 4.0)
        assert bound.bound <= best.upper <= bound.bound * 1.01
