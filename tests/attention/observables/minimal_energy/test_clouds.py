import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import enclosed_energy, inner_products
from fathometer.evidence import InputError


@pytest.mark.parametrize("beta", [0.5, 9.0, 300.0])
def test_the_interval_holds_the_energy_of_the_rows_made_unit(beta):
    points = np.random.default_rng(1).standard_normal((5, 3))
    with mpmath.workdps(40):
        rows = [mpmath.matrix([mpmath.mpf(x) for x in row]) for row in points.tolist()]
        rows = [row / mpmath.norm(row) for row in rows]
        energy = sum(mpmath.exp(beta * ((a.T * b)[0] - 1)) for a in rows for b in rows) / 25
        got = enclosed_energy(points, beta)
        assert mpmath.mpf(got.lower) <= energy <= mpmath.mpf(got.upper)
    assert got.upper - got.lower < 4e-15 * got.value


@pytest.mark.parametrize(("n", "d", "beta"), [(24, 3, 300.0), (2, 128, 1000.0), (3, 2, 1e6)])
def test_pairs_that_do_not_see_each_other_cost_no_digits(n, d, beta):
    """What is left is 1/n to rounding, however large beta is: else no bound next to it could be told to hold."""
    angles = 2 * np.pi * np.arange(n) / n
    points = np.zeros((n, d))
    points[:, :2] = np.column_stack([np.cos(angles), np.sin(angles)])
    got = enclosed_energy(points, beta)
    assert 1 / n - 1e-16 <= got.lower <= got.upper < 1 / n + 3e-16 + np.exp(-beta * (1 - np.cos(angles[1])))


def test_inner_products_of_a_square():
    cosines, counts = inner_products(np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]]))
    assert_allclose(cosines, [-1, 0], atol=1e-15)
    assert_allclose(counts, [1, 2])


def test_a_cloud_that_is_none_is_refused():
    with pytest.raises(InputError, match="points must be finite"):
        enclosed_energy(np.full((2, 2), np.nan), 1.0)
    with pytest.raises(InputError, match="beta must be >= 0"):
        enclosed_energy(np.eye(2), -1.0)
