"""The parts of a large collapse: sums, steps, cells, merge tree, each against what it must be."""

import math

import numpy as np
import pytest

from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.large.collapse._adams import Adams
from fathometer.attention.dynamics.large.collapse._merging import cells, contracting, only
from fathometer.attention.dynamics.large.collapse._tree import Contact, Tree
from fathometer.attention.dynamics.large.collapse.sums._interaction import Choice, whole
from fathometer.attention.dynamics.large.collapse.sums._pairs import PairLists
from fathometer.attention.dynamics.large.collapse.sums._parallels import Parallels
from fathometer.attention.dynamics.large.collapse.sums._scattered import transforms_are_here


def cloud(n, dim, seed=0):
    """Points with both poles and one beside a pole, and unequal masses."""
    random = np.random.default_rng(seed)
    points = random.standard_normal((n, dim))
    points[:2] = np.eye(dim)[-1], -np.eye(dim)[-1]
    points[2] = points[0] + 1e-9 * np.eye(dim)[0]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    masses = random.uniform(0.5, 2, n)
    return points, masses / masses.sum()


def direct(points, masses, beta):
    """Force and Z, pair by pair, from differences."""
    half = np.sum((points[:, None] - points) ** 2, axis=2) / 2
    weights = np.exp(-beta * half) * masses
    pull = weights @ points
    return pull - np.sum(pull * points, axis=1)[:, None] * points, weights.sum(axis=1)


@pytest.mark.skipif(not transforms_are_here(), reason="finufft is not installed")
@pytest.mark.parametrize(("dim", "beta"), [(3, 0.5), (3, 9.0), (3, 300.0), (2, 0.5), (2, 2000.0)])
def test_transforms_agree_with_sums_over_pairs(dim, beta):
    points, masses = cloud(300, dim)
    force, partition = whole(beta, dim, 1e-12)(points, masses)
    expected, total = direct(points, masses, beta)
    assert np.max(np.abs(partition - total)) < 1e-11
    assert np.max(np.abs(force - expected)) < 1e-11


@pytest.mark.skipif(not transforms_are_here(), reason="finufft is not installed")
@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_points_that_are_not_finite_never_reach_the_library(dim, wrong):
    points, masses = cloud(50, dim)
    points[17, 0] = wrong
    with pytest.raises(FloatingPointError, match="points of a cloud: not finite"):
        whole(10.0, dim, 1e-9)(points, masses)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("beta", [1e-310, 1e-12, 1e-10, 1e-9, 1e-8, 1e-5, 0.05, 0.15])
def test_forces_are_right_where_the_kernel_is_almost_constant(dim, beta):
    """The force goes to the mean of all tokens as beta goes to 0, while the potential's derivatives go to 0."""
    points, masses = cloud(100, dim)
    expected, total = direct(points, masses, beta)
    for sums in (whole(beta, dim, 1e-9), Choice(beta, dim, 1e-9).of(points, masses)):
        force, partition = sums(points, masses)
        assert np.max(np.abs(force - expected)) < 1e-8
        assert np.max(np.abs(partition - total)) < 1e-8


def test_the_kernel_between_parallels_is_that_of_the_sphere_without_any_library():
    """Modes of two charges by their definition, and the potential of the modes at a third place by its series."""
    beta, parallels = 40.0, Parallels(40.0, 1e-13)
    numbers = np.fft.fftfreq(parallels.modes, 1 / parallels.modes)
    places, loads = np.array([[0.3, 1.0], [2.9, -2.0]]), np.array([0.4, 0.6])
    charges = sum(
        load * np.exp(-1j * (numbers[:, None] * a + numbers * p)) for load, (a, p) in zip(loads, places, strict=True)
    )
    potential, south, east = parallels.potential(charges)

    def unit(a, p):
        return np.array([math.sin(a) * math.cos(p), math.sin(a) * math.sin(p), math.cos(a)])

    def exact(a, p):
        return sum(loads[k] * math.exp(beta * (unit(a, p) @ unit(*places[k]) - 1)) for k in range(2))

    for a, p in ((0.5, 0.7), (2.8, -1.6), (0.02, 3.0)):
        wave = np.exp(1j * (numbers[:, None] * a + numbers * p))
        assert np.sum(potential * wave).real == pytest.approx(exact(a, p), abs=1e-12)
        step = 1e-5
        assert np.sum(south * wave).real == pytest.approx(
            (exact(a + step, p) - exact(a - step, p)) / 2 / step, abs=1e-7
        )
        slope = (exact(a, p + step) - exact(a, p - step)) / 2 / step / math.sin(a)
        assert np.sum(east * wave).real == pytest.approx(slope, abs=1e-6)


def test_lists_agree_with_sums_over_pairs_until_they_are_made_again():
    points, masses = cloud(400, 3)
    lists = PairLists(500.0)
    for scale in (0.0, 2e-3, 0.05):
        moved = points + scale * np.roll(points, 1, axis=0)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        force, partition = lists(moved, masses)
        expected, total = direct(moved, masses, 500.0)
        assert np.max(np.abs(force / partition[:, None] - expected / total[:, None])) < 1e-11
    assert (lists.made, len(lists) > 0) == (2, True)


@pytest.mark.parametrize("dim", [pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow), 4])
def test_without_the_library_and_in_high_dimension_the_compiled_sums_serve(monkeypatch, dim):
    monkeypatch.setattr(
        "fathometer.attention.dynamics.large.collapse.sums._interaction.transforms_are_here", lambda: False
    )
    points, masses = cloud(100, dim)
    force, partition = Choice(5.0, dim, 1e-11).of(points, masses)(points, masses)
    expected, total = direct(points, masses, 5.0)
    assert np.max(np.abs(partition - total)) < 1e-11
    assert np.max(np.abs(force - expected)) < 1e-11


def test_the_choice_goes_by_cost_and_never_lists_more_than_a_fixed_number_a_token():
    choice = Choice(1000.0, 3, 1e-9)
    for n, kind in ((300, PairLists), (50_000, None)):
        points, masses = cloud(n, 3)
        assert isinstance(choice.of(points, masses), PairLists) == (kind is PairLists)


def test_steps_follow_a_rotation_to_the_tolerance_and_the_contraction_to_a_pole():
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    points = np.array([[1.0, 0.0, 0.0], [0.6, 0.0, 0.8]])
    adams = Adams(points, 1e-9)
    adams.begin(lambda x: x @ turn.T)
    while adams.time < 5:
        adams.advance(lambda x: x @ turn.T, 5.0, np.zeros(2))
    exact = np.array([[math.cos(5), math.sin(5), 0.0], [0.6 * math.cos(5), 0.6 * math.sin(5), 0.8]])
    assert np.max(np.abs(adams.points - exact)) < 1e-8

    pole = np.array([0.0, 0.0, 1.0])
    fall = Adams(np.array([[math.sin(1), 0.0, math.cos(1)]]), 1e-9)

    def towards(x):
        return pole - (x @ pole)[:, None] * x

    fall.begin(towards)
    while fall.time < 20:
        fall.advance(towards, 20.0, np.ones(1))
    # the angle a falls as a' = -sin a: tan(a / 2) = tan(1 / 2) exp(-t)
    assert np.linalg.norm(fall.points[0] - pole) == pytest.approx(2 * math.tan(0.5) * math.exp(-20), abs=1e-9)
    assert fall.accepted < 300


def test_steps_leave_the_arrays_of_the_field_alone_which_may_be_read_only():
    def still(x):
        velocity = np.zeros_like(x)
        velocity.flags.writeable = False
        return velocity

    adams = Adams(np.eye(4), 1e-9)
    adams.begin(still)
    assert adams.advance(still, 1.0, np.ones(4))
    assert np.array_equal(adams.points, np.eye(4))


def test_a_field_that_is_not_finite_ends_the_course():
    adams = Adams(np.eye(4), 1e-9)
    adams.begin(np.zeros_like)
    with pytest.raises(FloatingPointError, match="velocities after time 0: not finite"):
        adams.advance(lambda x: np.full_like(x, np.nan), 1.0, np.ones(4))


def test_cells_that_share_their_keys_are_told_apart():
    random = np.random.default_rng(1)
    points = np.repeat(random.standard_normal((50, 3)), 4, axis=0) + 1e-6 * random.random((200, 3))
    sure = cells(points, 1e-2, np.zeros(3))
    for spread in (64, 1, 3):
        groups = cells(points, 1e-2, np.zeros(3), spread)
        label = np.repeat(np.arange(len(groups.starts)), groups.counts)
        assert all(len(np.unique(groups.order[label == k] // 4)) == 1 for k in range(len(groups.starts)))
        assert len(groups.starts) >= len(sure.starts)


def test_only_groups_that_contract_are_merged():
    points = np.array([[0.0, 0, 1], [1e-4, 0, 1], [0.5, 0, 0.8], [0.5001, 0, 0.8]])
    apart = points - points[[1, 0, 3, 2]]
    groups = cells(points, 1e-2, np.full(3, 0.25))
    masses, rates = np.full(4, 0.25), np.ones(4)
    velocities = np.concatenate([-0.5 * apart[:2], 0.5 * apart[2:]])
    chosen = contracting(groups, points, velocities, masses, rates)
    assert chosen.sum() == 1
    assert sorted(only(groups, chosen).counts) == [1, 1, 2]
    assert contracting(groups, points[[0, 0, 2, 2]], 0 * velocities, masses, rates).all()


def test_the_tree_is_a_linkage_of_all_tokens():
    tree = Tree(7)
    tree.merge(cells(np.array([[0.1], [0.1], [0.1], [5], [5], [7], [9]]), 1.0, np.zeros(1)), 0.5)
    assert sorted(tree.sizes) == [1, 1, 2, 3]
    rows = tree.with_contacts([Contact(3.0, 0, 1), Contact(2.0, 2, 3), Contact(2.5, 3, 2), Contact(4.0, 0, 3)])
    assert rows.shape == (6, 4)
    assert sorted(rows[:, :2].ravel()) == list(range(12))
    assert list(rows[:, 2]) == [0.5, 0.5, 0.5, 2.0, 3.0, 4.0]
    assert rows[-1, 3] == 7


def test_masses_are_kept_and_the_system_is_left_alone():
    points, masses = cloud(50, 3)
    system = ParticleSystem.project(points, 30.0, "sa", masses)
    groups = cells(system.points, 0.5, np.zeros(3))
    assert groups.totals(system.masses[:, None]).sum() == pytest.approx(1, abs=1e-14)
