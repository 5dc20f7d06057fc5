import mpmath as mp
import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization import kt_constant, maurer_constant, mean_gaussian_norm
from fathometer.numerics import wide

DIGITS = 3e-16 if np.finfo(np.longdouble).eps < 1e-18 else 1e-13


@pytest.mark.parametrize(
    ("m", "expected"),
    [(1, 2), (8, 4.245018005371094), (100, 13.20996063021598), (1000, 40.30321292617815)],
)
def test_maurers_constant_agrees_with_the_table(m, expected):
    assert float(maurer_constant(m)) == pytest.approx(expected, rel=DIGITS)


def test_maurers_constant_is_its_defining_sum_and_at_most_the_usual_bound():
    for m in (1, 2, 7, 30):
        ratio = np.arange(m + 1) / m
        binomials = np.cumprod(np.concatenate([[1.0], (m - np.arange(m)) / np.arange(1, m + 1)]))
        terms = binomials * ratio ** np.arange(m + 1) * (1 - ratio) ** (m - np.arange(m + 1))
        assert float(maurer_constant(m)) == pytest.approx(terms.sum(), rel=1e-13)
        assert maurer_constant(m) <= 2 * np.sqrt(m)
    assert float(maurer_constant(10**6)) == pytest.approx(np.sqrt(np.pi * 1e6 / 2) + 2 / 3, rel=1e-6)


def test_maurers_constant_keeps_the_digits_of_the_wide_format():
    m = 1000
    with mp.workdps(40):
        exact = mp.fsum(mp.exp(mp.loggamma(m + 1) - mp.loggamma(m - i + 1) - i * mp.log(m)) for i in range(m + 1))
        assert abs(mp.mpf(str(maurer_constant(m))) / exact - 1) < 0.01 * DIGITS


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, 2), (8, 5.092152292152292), (100, 17.7467079428307), (1000, 56.05691884061601)],
)
def test_the_price_of_betting(n, expected):
    assert float(kt_constant(n)) == pytest.approx(expected, rel=DIGITS)


def test_the_price_of_betting_is_less_than_maurers():
    n = wide(np.arange(2, 1000))
    assert np.all(kt_constant(n) < 2 * np.sqrt(n))


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        (1, 0.7978845608028654),
        (2, 1.2533141373155),
        (3, 1.595769121605731),
        (10, 3.084327759799864),
        (100, 9.975031639551051),
        (1000, 31.61487189698008),
        (10_000, 99.99750003125391),
        (1_000_000, 999.9997500000313),
    ],
)
def test_the_mean_norm_of_a_gaussian(d, expected):
    assert float(mean_gaussian_norm(d)) == pytest.approx(expected, rel=DIGITS)
    assert np.sqrt(d - 0.5) <= mean_gaussian_norm(d) <= np.sqrt(d)


@pytest.mark.parametrize("m", [0, -1])
def test_impossible_sizes_are_refused(m):
    with pytest.raises(InputError, match="m must be"):
        maurer_constant(m)
