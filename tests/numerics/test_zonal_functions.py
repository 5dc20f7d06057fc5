import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import eval_legendre

from fathometer.evidence import InputError
from fathometer.numerics import bessel_ratios, exponential_degrees, gegenbauer, zonal_nodes

ANGLES = np.linspace(0, np.pi, 9)


def test_zonal_harmonics_of_the_circle_and_of_the_sphere():
    assert_allclose(gegenbauer(6, np.cos(ANGLES), 2)[5], np.cos(5 * ANGLES), atol=1e-14)
    assert_allclose(gegenbauer(6, np.cos(ANGLES), 3)[5], eval_legendre(5, np.cos(ANGLES)), atol=1e-14)
    assert np.max(np.abs(gegenbauer(40, np.cos(ANGLES), 512))) <= 1 + 1e-14
    assert_allclose(gegenbauer(2, np.cos(ANGLES), 7), [np.ones(9), np.cos(ANGLES)])


@pytest.mark.parametrize("dim", [2, 3, 4, 11, 512])
def test_the_quadrature_is_exact_for_polynomials(dim):
    t, logs = zonal_nodes(24, dim)
    weights, moment = np.exp(logs), 1.0
    for power in range(2, 48, 2):  # the mean of t^2k is (1/d)(3/(d + 2))((5/(d + 4)) ...
        moment *= (power - 1) / (dim + power - 2)
        assert_allclose(weights @ t**power, moment, rtol=1e-12)
        assert abs(weights @ t ** (power - 1)) < 1e-15


def test_outer_weights_have_their_digits_in_high_dimension():
    t, logs = zonal_nodes(256, 512)
    assert logs.min() < -300
    tilted = logs + 400 * t  # a cluster at 0.6, far outside of the bulk
    mean = np.exp(tilted - tilted.max()) @ t / np.exp(tilted - tilted.max()).sum()
    assert_allclose(mean, 400 * bessel_ratios(255.0, 1, 400.0)[0], rtol=1e-12)


@pytest.mark.parametrize(("dim", "beta"), [(2, 0.5), (3, 4.0), (10, 30.0), (512, 7.0)])
def test_shares_of_the_degrees_add_up_to_the_kernel(dim, beta):
    shares, t = exponential_degrees(dim, beta), np.cos(ANGLES)
    assert np.all(shares >= 0)
    assert_allclose(shares @ gegenbauer(len(shares), t, dim), np.exp(beta * (t - 1)), atol=2e-15)
    with mp.workdps(30):
        nu = mp.mpf(dim) / 2 - 1
        second = mp.besseli(nu + 2, beta) * (dim + 2) * (dim - 1) / 2 / (mp.besseli(nu, beta))
    assert_allclose(shares[2] / shares[0], float(second), rtol=1e-12)


def test_bessel_ratios_against_another_evaluator():
    for order, x in ((0.0, 1e-8), (0.5, 3.0), (255.0, 1000.0), (3.0, 1e4)):
        with mp.workdps(30):
            wanted = [mp.besseli(order + j + 1, x) / (x * mp.besseli(order + j, x)) for j in range(3)]
        assert_allclose(bessel_ratios(order, 3, x), [float(one) for one in wanted], rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zonal_nodes(1, 3), "count must be >= 2"),
        (lambda: zonal_nodes(8, 1), "dim must be >= 2"),
        (lambda: exponential_degrees(3, 0.0), "beta must be > 0"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
