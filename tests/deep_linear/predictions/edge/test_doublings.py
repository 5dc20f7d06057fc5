"""Cycles of descent on scalar networks: doublings, their ratios, chaos, and where it ends."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import FEIGENBAUM, doublings, long_run_weights, scalar_cycle
from fathometer.evidence import InputError


def test_depth_two_is_the_odd_cubic_map_whose_values_are_known():
    """x -> r x - x^3 with r = 2 + mu / 2: doublings at 2, sqrt 5, ..., 2.3022..., two bands merge at 3 sqrt(3) / 2."""
    found = doublings(2, 5)
    assert_allclose(found.excess[:2], [0.0, 2 * (np.sqrt(5) - 2)], atol=1e-12)
    assert_allclose(2 + found.chaos.value / 2, 2.302283, atol=2e-6)
    assert_allclose(found.leaves, 2 * (1.5 * np.sqrt(3) - 2), rtol=1e-12)
    assert_allclose(found.diverges, 2.0, rtol=1e-12)


@pytest.mark.parametrize(
    "depth", [3, pytest.param(16, marks=pytest.mark.slow), pytest.param(64, marks=pytest.mark.slow)]
)
def test_ratios_tend_to_feigenbaum_and_the_order_is_right(depth):
    found = doublings(depth, 5)
    assert np.all(np.diff(np.abs(found.ratios - FEIGENBAUM)) < 0)
    assert abs(found.ratios[-1] - FEIGENBAUM) < 0.02
    assert found.excess[-1] < found.chaos.lower < found.chaos.upper < found.leaves < found.diverges


@pytest.mark.parametrize("period", [1, 2, 4, 8])
def test_cycles_close_and_are_stable_between_their_doublings(period):
    edges = np.append(-2.0, doublings(3, 5).excess)
    k = int(np.log2(period))
    low, high = edges[k : k + 2]
    inside = scalar_cycle(3, low + 0.5 * (high - low), period)
    mu = low + 0.5 * (high - low)
    step = (2 + mu) / 3
    after = inside.points - step * (inside.points**3 - 1) * inside.points**2
    assert_allclose(after, np.roll(inside.points, -1), atol=1e-12)
    assert len(np.unique(inside.points.round(9))) == period
    assert abs(inside.multiplier) < 1
    assert_allclose(scalar_cycle(3, high, period).multiplier, -1, atol=1e-7)
    assert scalar_cycle(3, high + 0.01, period).multiplier < -1


def test_descent_is_where_the_roots_are():
    found = doublings(2, 5)
    grid = np.array([-0.2, 0.3, 0.55, 1.1, 1.3, 2.3])
    visited = long_run_weights(2, grid)
    assert_allclose(visited[0], 1.0, atol=1e-9)
    for row, period in ((1, 2), (2, 4)):
        assert_allclose(np.unique(visited[row].round(8)), np.sort(scalar_cycle(2, grid[row], period).points), atol=1e-7)
    assert grid[3] < found.leaves < grid[4]
    assert np.min(visited[3]) > 0 > np.min(visited[4])
    assert np.isinf(visited[5]).all()


def test_cycles_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="period must be a power of 2, got 3"):
        scalar_cycle(3, 0.3, 3)
    with pytest.raises(InputError, match="excess must be"):
        scalar_cycle(3, 0.3, 4)
    with pytest.raises(InputError, match="depth must be >= 2 and <= 64, got 1"):
        doublings(1, 3)
    with pytest.raises(InputError, match="count must be >= 3 and <= 8, got 2"):
        doublings(3, 2)


@pytest.mark.parametrize(
    ("depth", "excess", "period"), [(3, 30.0, 2), pytest.param(64, 0.7, 128, marks=pytest.mark.slow)]
)
def test_a_cycle_that_is_lost_on_the_way_is_refused(depth, excess, period):
    """Far beyond, Newton's method ends at the fixed point, or rounding keeps a long cycle from closing."""
    with pytest.raises(InputError, match=f"the cycle of period {period} cannot be followed up to excess"):
        scalar_cycle(depth, excess, period)
