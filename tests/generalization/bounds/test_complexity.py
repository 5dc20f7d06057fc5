"""What a class costs: complexities to the last digit, never rounded down, and chaining at its best scales."""

import mpmath as mp
import numpy as np
import pytest

from fathometer.evidence import InputError, Kind
from fathometer.generalization import chaining_constant, linear_complexity, massart_complexity


def test_up_to_16_points_every_sign_pattern_counts():
    """E|sum eps_i| of 16 signs is 16 C(15, 7) / 2^15."""
    found = linear_complexity(np.ones((16, 1)))
    assert found.kind is Kind.EXACT
    assert found.value == pytest.approx(6435 / 2**15, rel=1e-15)
    assert linear_complexity(np.ones((17, 1))).kind is not Kind.EXACT


@pytest.mark.parametrize("seed", range(3))
def test_above_the_complexity_is_enclosed_and_its_ends_are_rounded_outward(seed):
    x = np.random.default_rng(seed).normal(size=(30, 4))
    found = linear_complexity(x, radius=1.5)
    with mp.workdps(30):
        upper = mp.mpf(1.5) * mp.sqrt(mp.fsum(mp.mpf(v) ** 2 for v in x.ravel())) / 30
        lower = upper / mp.sqrt(2)
        assert found.value == found.upper
        assert 0 < mp.mpf(found.upper) / upper - 1 < 2e-13
        assert 0 < 1 - mp.mpf(found.lower) / lower < 2e-12


def test_khintchines_constant_is_attained():
    """Two equal rows and no others: E|eps_1 + eps_2| = 1 = sqrt(2)/sqrt(2), the lower end."""
    x = np.zeros((20, 1))
    x[:2] = 1
    found = linear_complexity(x)
    assert 0 <= 1 / 20 - found.lower < 1e-12


@pytest.mark.parametrize("q", [0.02, 0.5, 0.9])
def test_the_chaining_constant_is_the_sum_of_all_scales(q):
    c = 0.25
    with mp.workdps(30):
        ratio, k = mp.mpf(q), 1
        total = mp.sqrt((1 + c**2) * mp.log1p(mp.mpf(1) / c**2))
        while ratio ** (k - 1) > 1e-22:
            term = ratio ** (k - 1) * mp.sqrt(mp.log1p(1 / (c * ratio**k) ** 2))
            total, k = total + c * mp.sqrt(1 - ratio**2) * term, k + 1
    assert chaining_constant(c, q) == pytest.approx(float(total), rel=1e-14)


def test_massarts_bound_is_not_rounded_down():
    for seed in range(5):
        losses = np.random.default_rng(seed).random((4, 7))
        with mp.workdps(30):
            norms = [mp.sqrt(mp.fsum(mp.mpf(v) ** 2 for v in row)) for row in losses]
            exact = max(norms) * mp.sqrt(2 * mp.log(4)) / 7
            assert 0 < mp.mpf(massart_complexity(losses)) / exact - 1 < 2e-13


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linear_complexity([1.0, 2.0]), r"^features must have 2 dimension\(s\), got shape \(2,\)$"),
        (lambda: linear_complexity(np.zeros((3, 0))), r"^features must have shape \(m, d\) with m, d >= 1, got \(3, 0"),
        (lambda: massart_complexity([1.0, 2.0]), r"^losses must have 2 dimension\(s\), got shape \(2,\)$"),
        (lambda: massart_complexity([[1.0, np.nan]]), r"^losses must be finite"),
        (lambda: chaining_constant(0, 0.5), r"^c must be > 0, got 0$"),
        (lambda: chaining_constant(0.3, 0), r"^q must be > 0 and < 1, got 0$"),
    ],
)
def test_what_has_no_complexity_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
