"""The largest eigenvalue in few products."""

import numpy as np
import pytest

from fathometer.evidence import Kind
from fathometer.network.steps._largest import largest_eigenvalue

SIZE = 400


def spectrum(seed: int) -> np.ndarray:
    """A bulk with a few outliers, as Hessians have it."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.standard_normal(SIZE - 5), [4.0, 6.0, 9.0, 15.0, 20.0]])


def test_floor_and_ceiling_hold_the_eigenvalue():
    missed = 0
    for seed in range(200):
        values = spectrum(seed)
        found = largest_eigenvalue(lambda v, d=values: d * v, SIZE, products=12, miss=1e-2, seed=seed).value
        assert found.lower <= values.max() + 1e-12
        missed += found.upper < values.max()
    assert missed <= 6


def test_a_warm_start_makes_the_floor_sharp():
    values = spectrum(0)
    nearly = np.zeros(SIZE)
    nearly[-1] = 1.0
    nearly += 0.03 * np.random.default_rng(1).standard_normal(SIZE) / np.sqrt(SIZE)
    cold = largest_eigenvalue(lambda v: values * v, SIZE, products=6).value
    warm = largest_eigenvalue(lambda v: values * v, SIZE, products=6, warm=nearly).value
    assert abs(warm.value - 20) < 1e-3 < abs(cold.value - 20)


def test_an_old_eigenvector_does_not_hide_a_new_one():
    values = spectrum(0)
    old = np.zeros(SIZE)
    old[-2] = 1.0
    found = largest_eigenvalue(lambda v: values * v, SIZE, products=20, warm=old)
    assert found.value.value > 19.9
    assert abs(found.vector[-1]) > 0.99
    assert found.products <= 20


@pytest.mark.parametrize("products", [3, 4, 6])
def test_the_ceiling_is_never_that_of_where_the_search_began(products):
    """An exact eigenvector is a space of its own: it says nothing of what else there is."""
    values = spectrum(0)
    found = largest_eigenvalue(lambda v: values * v, SIZE, products=products, warm=np.eye(SIZE)[-2]).value
    assert found.value == pytest.approx(15) or found.value > 15
    assert found.upper >= 20


def test_small_matrices_are_enclosed_and_flat_ones_are_zero():
    assert largest_eigenvalue(lambda v: np.array([3.0, -1.0]) * v, 2).value.kind is Kind.ENCLOSED
    flat = largest_eigenvalue(lambda v: 0 * v, 50).value
    assert flat.lower <= 0 <= flat.upper == pytest.approx(0, abs=1e-9)


def test_memory_bounds_the_basis():
    values = spectrum(2)
    found = largest_eigenvalue(lambda v: values * v, SIZE, products=20, memory=8 * SIZE * 5)
    assert found.products <= 5
    assert found.value.lower <= 20 <= found.value.upper
