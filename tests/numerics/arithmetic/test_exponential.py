"""The fast exponential against arbitrary precision."""

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from fathometer.numerics import exp_nonpositive
from fathometer.numerics.arithmetic._exponential import _DOUBLE, _SINGLE

KINDS = pytest.mark.parametrize("kind", [np.float32, np.float64])


@KINDS
def test_two_roundings_at_most_over_the_whole_range(kind):
    random = np.random.default_rng(0)
    lowest = np.log(2.0 * np.finfo(kind).tiny)
    x = np.concatenate(
        [-random.uniform(0, 1, 400), lowest * random.uniform(0, 1, 400), -np.geomspace(1e-30, 1, 200), [1e-15, 1e-5]]
    )
    x = x.astype(kind)
    found = np.asarray(exp_nonpositive(jnp.asarray(x)))
    assert found.dtype == kind
    with mpmath.workdps(40):
        wrong = [
            float(mpmath.mpf(float(y)) / mpmath.exp(mpmath.mpf(float(e))) - 1) for y, e in zip(found, x, strict=True)
        ]
    assert np.max(np.abs(wrong)) <= 2 * np.finfo(kind).eps


@KINDS
def test_ends_of_the_range(kind):
    """Exact at 0, positive and near the least normal number below, and what is not a number stays that."""
    x = jnp.asarray([0.0, -0.0, -1e4, -np.inf, np.nan], kind)
    found = np.asarray(exp_nonpositive(x))
    assert_array_equal(found[:2], 1)
    assert_allclose(found[2:4], 2 * np.finfo(kind).tiny, rtol=1e-5)
    assert np.isnan(found[4])


@pytest.mark.parametrize("interpolant", [_SINGLE, _DOUBLE])
def test_interpolants_are_those_at_the_chebyshev_nodes(interpolant):
    with mpmath.workdps(50):
        half, n = mpmath.log(2) / 2, len(interpolant)
        nodes = [half * mpmath.cospi(mpmath.mpf(2 * k + 1) / (2 * n)) for k in range(n)]
        powers = mpmath.matrix([[x**k for k in reversed(range(n))] for x in nodes])
        exact = mpmath.lu_solve(powers, mpmath.matrix([mpmath.expm1(x) / x if abs(x) > 1e-40 else 1 for x in nodes]))
        assert_allclose(interpolant, np.array([float(value) for value in exact]), rtol=1e-15)
