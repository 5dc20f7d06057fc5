"""Binomial tails and the limits that invert them, against sums in 40 digits."""

import mpmath as mp
import numpy as np
import pytest
from scipy import special, stats

from fathometer.generalization import kt_constant
from fathometer.generalization.bounds._binomial import (
    _remainder,
    _tail_over_term,
    clopper_pearson_lower,
    clopper_pearson_upper,
    log_binomial_term,
    log_kt_regret,
    log_largest_term,
)
from fathometer.numerics import wide
from tests.oracles import generalization as oracle

WIDE = np.finfo(np.longdouble).eps < 1e-18
NEAR = 1e-17 if WIDE else 1e-13
COUNTS = [(0, 1), (1, 1), (1, 2), (3, 20), (19, 20), (62, 63), (30, 64), (64, 64), (63, 127), (64, 129), (700, 1000)]


def exact(number: np.longdouble) -> mp.mpf:
    return mp.mpf(str(number))


def log_choose(k: int, n: int) -> mp.mpf:
    return mp.log(mp.binomial(n, k))


def powers(k: int, n: int, p: mp.mpf) -> mp.mpf:
    return (k * mp.log(p) if k else mp.mpf(0)) + ((n - k) * mp.log(1 - p) if k < n else mp.mpf(0))


@pytest.mark.parametrize("n", [1, 2, 10, 62, 63, 64, 65, 100, 1000, 10**6, 10**12])
def test_the_remainder_of_stirlings_formula(n):
    with mp.workdps(60):
        remainder = mp.loggamma(n + 1) - n * mp.log(n) + n - mp.log(2 * mp.pi * n) / 2
        assert abs(exact(_remainder(wide(n))) - remainder) < (3e-17 if WIDE else 1e-12)


@pytest.mark.parametrize(("k", "n"), COUNTS)
def test_the_probability_of_a_count_keeps_its_digits(k, n):
    for p in (0.001, 0.25, 0.5, 0.875):
        with mp.workdps(40):
            log_term = log_choose(k, n) + powers(k, n, mp.mpf(p))
            found = exact(log_binomial_term(wide(k), wide(n), wide(p)))
            assert abs(found - log_term) < 10 * NEAR * max(1, abs(log_term))


@pytest.mark.parametrize(("k", "n"), COUNTS)
def test_the_largest_probability_of_a_count_and_the_regret_of_the_bettor(k, n):
    with mp.workdps(40):
        largest = powers(k, n, mp.mpf(k) / n)
        mixture = mp.log(mp.beta(k + mp.mpf(0.5), n - k + mp.mpf(0.5)) / mp.pi)
        assert abs(exact(log_largest_term(wide(k), wide(n))[()]) - log_choose(k, n) - largest) < 30 * NEAR
        assert abs(exact(log_kt_regret(wide(k), wide(n))) - largest + mixture) < 30 * NEAR


def test_the_regret_is_largest_without_errors_and_with_nothing_else():
    n = 40
    regrets = log_kt_regret(wide(np.arange(n + 1)), wide(n))
    assert regrets[0] == regrets.max() == regrets[n]
    assert regrets[0] == pytest.approx(np.log(kt_constant(n)), rel=1e-15)
    np.testing.assert_allclose(regrets, regrets[::-1], rtol=1e-15)


@pytest.mark.parametrize(("k", "n", "p"), [(0, 5, 0.5), (3, 5, 0.25), (255, 600, 0.5), (256, 600, 0.4), (257, 600, 0.1),
                                            (900, 1000, 0.95), (900, 1000, 0.001)])  # fmt: skip
def test_the_tail_is_summed_to_its_end(k, n, p):
    with mp.workdps(40):
        terms = [mp.exp(log_choose(j, n) + powers(j, n, mp.mpf(p))) for j in range(k + 1)]
        ratio = mp.fsum(terms) / terms[-1]
        found = exact(_tail_over_term(wide(k), wide(n), wide(p)))
    assert abs(found / ratio - 1) < 100 * NEAR


def test_a_tail_that_falls_slowly_is_summed_in_many_blocks():
    k, n = 10**5, 2 * 10**5
    with mp.workdps(40):
        term, ratio, j = mp.mpf(1), mp.mpf(1), 0
        while term > mp.mpf(10) ** -30:
            term *= mp.mpf(k - j) / (n - k + j + 1)
            ratio, j = ratio + term, j + 1
        assert abs(exact(_tail_over_term(wide(k), wide(n), wide(0.5))) / ratio - 1) < 1000 * NEAR


def test_tails_of_many_counts_are_those_of_each():
    k, n, p = wide([0, 3, 700]), wide([5, 5, 900]), wide([0.5, 0.25, 0.9])
    together = _tail_over_term(k, n, p)
    assert together.shape == (3,)
    np.testing.assert_allclose(together, [_tail_over_term(*one) for one in zip(k, n, p, strict=True)], rtol=1e-15)


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 30), (1, 30), (17, 30), (29, 30), (3, 1000)])
@pytest.mark.parametrize("delta", [0.9, 0.3, 1e-3, 1e-12])
def test_the_limit_is_where_the_tail_is_delta(k, n, delta):
    limit = clopper_pearson_upper(wide(k), wide(n), wide(delta))
    assert (
        0 <= mp.mpf(float(limit)) - oracle.test_binomial(k, n, delta) <= 2.1 * (1 if WIDE else 150) * np.spacing(limit)
    )


@pytest.mark.parametrize("delta", [1e-20, 1e-200])
def test_a_limit_within_rounding_of_1_is_1(delta):
    assert clopper_pearson_upper(wide(9), wide(10), wide(delta)) == 1


def test_limits_keep_the_shape_and_the_order_of_the_counts():
    counts = np.arange(13).reshape(1, 13)
    limits = clopper_pearson_upper(wide(counts), wide(12), wide([[0.3], [0.05], [1e-6]]))
    assert limits.shape == (3, 13)
    assert np.all(np.diff(limits, axis=1) > 0)
    assert np.all(np.diff(limits[:, :-1], axis=0) > 0)
    assert limits[:, -1].tolist() == [1, 1, 1]
    assert limits[1, 4] == clopper_pearson_upper(wide(4), wide(12), wide(0.05))
    assert np.ndim(clopper_pearson_upper(wide(4), wide(12), wide(0.05))) == 0


def test_where_scipy_has_no_quantile_chernoffs_limit_stands_in():
    """Beside counts that have one, which keep their own limit; without errors the limit is in closed form."""
    k, n, delta = wide([0, 1, 3, 0]), wide([10, 10, 20, 10**18]), wide([5e-324, 5e-324, 0.05, 0.05])
    limits = clopper_pearson_upper(k, n, delta)
    assert limits[2] == clopper_pearson_upper(wide(3), wide(20), wide(0.05))
    with mp.workdps(40):
        assert 0 <= mp.mpf(float(limits[3])) / (1 - mp.mpf(0.05) ** (mp.mpf(1) / 10**18)) - 1 < 1e-15
    assert limits[0] == 1
    assert limits[1] == 1


@pytest.mark.parametrize("n", [10**14, 10**16, 10**18])
def test_few_errors_among_very_many_points_have_the_limit_of_the_poisson_law(n):
    limits = clopper_pearson_upper(wide([1, 5]), wide(n), wide(0.125)) * n
    np.testing.assert_allclose(limits, special.gammainccinv([2, 6], 0.125), rtol=1e-12)


@pytest.mark.parametrize(("k", "n"), [(3 * 10**17, 10**18), (9 * 10**17, 10**18), (3 * 10**13, 10**14)])
def test_tails_too_long_to_sum_have_chernoffs_limit(k, n):
    limits = clopper_pearson_upper(wide([k, 3, n]), wide([n, 20, n]), wide(0.125))
    with mp.workdps(50):
        chernoff = oracle.kl_inverse_upper(mp.mpf(k) / n, mp.log(8) / n)
        assert 0 <= mp.mpf(float(limits[0])) - chernoff < 1e-15
    assert limits[1:].tolist() == [clopper_pearson_upper(wide(3), wide(20), wide(0.125)), 1]


@pytest.mark.parametrize(
    ("k", "n"),
    [(0, 1), (0, 30), (1, 30), (17, 30), (29, 30), (30, 30), pytest.param(3, 1000, marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("delta", [0.9, 0.3, 1e-3, 1e-12])
def test_the_lower_limit_is_where_the_upper_tail_is_delta(k, n, delta):
    limit = clopper_pearson_lower(wide(k), wide(n), wide(delta))
    with mp.workdps(50):
        exact_limit = 1 - oracle.test_binomial(n - k, n, delta)
        assert 0 <= exact_limit - mp.mpf(float(limit)) <= (4e-16 if WIDE else 1e-13)
    assert limit == pytest.approx(stats.beta.ppf(delta, k, n - k + 1) if k else 0, abs=1e-12)
    assert limit <= k / n or delta > 0.5
    assert (limit == 0) == (k == 0)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_both_limits_hold_at_once_with_their_confidence(p):
    n, delta = 60, 0.05
    k = np.arange(n + 1)
    lower, upper = (
        limit(wide(k), wide(n), wide(delta / 2)) for limit in (clopper_pearson_lower, clopper_pearson_upper)
    )
    missed = stats.binom.pmf(k, n, p)[(p < lower) | (p > upper)].sum()
    assert missed <= delta
    assert np.all(lower < upper)
