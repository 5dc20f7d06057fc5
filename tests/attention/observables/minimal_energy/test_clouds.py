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


def test_inner_products_of_a_square():
    cosines, counts = inner_products(np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]]))
    assert_allclose(cosines, [-1, 0], atol=1e-15)
    assert_allclose(counts, [1, 2])


def test_a_cloud_that_is_none_is_refused():
    with pytest.raises(InputError, match="points must be finite"):
        enclosed_energy(np.full((2, 2), np.nan), 1.0)
    with pytest.raises(InputError, match="beta must be >= 0"):
        enclosed_energy(np.eye(2), -1.0)
