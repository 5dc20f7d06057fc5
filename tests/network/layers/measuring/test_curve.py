"""Sums at Chebyshev points know the residual at every step, and its best step."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from fathometer.network.layers.measuring._curve import curve_at, lowest, residual_curve

from ..tokens import cloud


def chords(tau, y, x, v):
    """The sum of squared chords, as it is written."""
    reached = x + tau * v
    return float(np.sum((y - reached / np.linalg.norm(reached, axis=1, keepdims=True)) ** 2))


@pytest.fixture(scope="module")
def step():
    """Tokens, where they end, and the longest pulls that there are."""
    x, y, raw = cloud(30, 4, 1), cloud(30, 4, 2), cloud(30, 4, 3)
    v = raw - np.sum(raw * x, axis=1, keepdims=True) * x
    return y, x, v


@pytest.fixture(scope="module")
def curve(step):
    y, x, v = step
    return residual_curve(np.sum(x * y, axis=1), np.sum(v * y, axis=1)[None], np.sum(v * v, axis=1)[None])


@pytest.mark.parametrize("tau", [-3.0, -1.234, 0.0, 0.4, 2.71, 3.0])
def test_the_curve_is_the_sum_of_chords(step, curve, tau):
    assert curve_at(curve, tau)[0] == pytest.approx(chords(tau, *step), abs=1e-7)


def test_the_lowest_step_is_that_of_a_search(step, curve):
    found = minimize_scalar(chords, bounds=(-3, 3), args=step, method="bounded", options={"xatol": 1e-9})
    best = lowest(curve, 30)
    assert float(best.tau) == pytest.approx(found.x, abs=1e-4)
    assert float(best.value) == pytest.approx(found.fun, abs=1e-7)


def test_without_a_pull_no_step_is_better_than_none():
    still = residual_curve(np.full(5, 0.3), np.zeros((2, 5)), np.zeros((2, 5)))
    best = lowest(still, 5)
    assert (int(best.row), float(best.tau)) == (-1, 0.0)
    assert float(best.value) == pytest.approx(5 * 1.4)


def test_a_step_beyond_three_ends_there():
    along, pull = np.full(4, 0.1), np.full((1, 4), 0.99)
    assert float(lowest(residual_curve(along, pull, np.full((1, 4), 0.9)), 4).tau) == pytest.approx(3.0)
    assert float(lowest(residual_curve(along, -pull, np.full((1, 4), 0.9)), 4).tau) == pytest.approx(-3.0)
