import numpy as np
import pytest
from scipy import stats

from fathometer.evidence.values._statistics import (
    binomial_lower_tail,
    binomial_upper_tail,
    slope_interval,
    student_quantile,
)


@pytest.mark.parametrize("trials", [1, 7, 100, 2000])
@pytest.mark.parametrize("probability", [1e-6, 0.05, 0.5, 0.97])
def test_binomial_tails_are_exact(trials, probability):
    for successes in {0, 1, trials // 3, trials // 2, trials - 1, trials}:
        law = stats.binom(trials, probability)
        assert binomial_upper_tail(successes, trials, probability) == pytest.approx(law.sf(successes - 1), rel=1e-9)
        assert binomial_lower_tail(successes, trials, probability) == pytest.approx(law.cdf(successes), rel=1e-9)


def test_binomial_tails_are_right_at_the_ends():
    assert binomial_upper_tail(1, 5, 0.0) == 0
    assert binomial_upper_tail(5, 5, 1.0) == 1
    assert binomial_upper_tail(6, 5, 0.5) == 0


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 10, 31, 100])
@pytest.mark.parametrize("level", [0.6, 0.95, 0.995, 0.9999])
def test_student_quantiles_are_exact(freedom, level):
    assert student_quantile(level, freedom) == pytest.approx(stats.t(freedom).ppf(level), rel=1e-9)


def test_the_slope_interval_agrees_with_scipy():
    rng = np.random.default_rng(1)
    x, noise = np.arange(9.0), rng.standard_normal(9)
    slope, low, high = slope_interval(x, 2 * x + noise, 0.95)
    fit = stats.linregress(x, 2 * x + noise)
    half = stats.t(7).ppf(0.975) * fit.stderr
    np.testing.assert_allclose([slope, low, high], [fit.slope, fit.slope - half, fit.slope + half])


def test_a_tail_is_never_more_than_one():
    assert all(binomial_upper_tail(1, trials, 1 - 1e-9) <= 1 for trials in range(1, 60))
