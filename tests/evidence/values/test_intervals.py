from decimal import Decimal

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from fathometer.evidence import Estimate, InputError, Kind
from fathometer.evidence.values._statistics import MOST_FREEDOM


@pytest.mark.parametrize("confidence", [0.5, 0.95, 1 - 1e-6])
def test_the_interval_of_a_mean_is_students(confidence):
    draws = np.random.default_rng(0).normal(3, 2, (4, 7))
    found = Estimate.mean_of(draws, confidence)
    half = stats.t(6).ppf((1 + confidence) / 2) * stats.sem(draws, axis=-1)
    assert (found.kind, found.confidence) == (Kind.SAMPLED, confidence)
    assert_allclose([found.value, found.upper, found.lower], draws.mean(-1) + np.multiply.outer([0, 1, -1], half))


def test_a_mean_leaves_out_what_is_not_finite():
    found = Estimate.mean_of([[1.0, 3.0, np.nan, np.inf], [np.nan] * 4, [2.0, np.nan, np.nan, np.nan]])
    assert_array_equal(found.value, [2, np.nan, 2])
    assert_allclose(found.upper[0] - 2, stats.t(1).ppf(0.975))
    assert_array_equal([found.lower[1:], found.upper[1:]], [[-np.inf] * 2, [np.inf] * 2])


@pytest.mark.parametrize("draws", [2, 3, 10])
def test_the_interval_of_a_mean_covers_as_often_as_it_says(draws):
    runs = np.random.default_rng(draws).standard_normal((100_000, draws))
    found = Estimate.mean_of(runs, 0.9)
    assert np.mean((found.lower <= 0) & (found.upper >= 0)) == pytest.approx(0.9, abs=0.004)


def test_with_many_draws_the_interval_of_a_mean_is_hardly_wider_than_the_gaussian_one():
    draws = np.random.default_rng(1).standard_normal(5 * MOST_FREEDOM)
    found, error = Estimate.mean_of(draws, 1 - 1e-6), stats.sem(draws)
    assert 1 < (found.upper - found.value) / (stats.t(len(draws) - 1).ppf(1 - 5e-7) * error) < 1.006


def test_equal_draws_have_an_interval_of_no_width():
    found = Estimate.mean_of(np.full(5, 0.5))
    assert found.lower == found.value == found.upper == 0.5


@pytest.mark.parametrize("draws", [1, 2, 13, 400])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 1 - 1e-6])
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(draws, confidence):
    counts = np.unique([0, 1, draws // 2, draws - 1, draws])
    found = Estimate.share_of(np.arange(draws) < counts[:, None], confidence)
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        lower = np.where(counts == 0, 0, stats.beta.ppf(tail, counts, draws - counts + 1))
        upper = np.where(counts == draws, 1, stats.beta.ppf(1 - tail, counts + 1, draws - counts))
    assert_allclose([found.value, found.lower, found.upper], [counts / draws, lower, upper], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_the_interval_of_a_share_covers_at_least_as_often_as_it_says(confidence):
    """Exactly, by the law of the number of hits, at probabilities on both sides of every end."""
    draws = 12
    found = Estimate.share_of(np.arange(draws) < np.arange(draws + 1)[:, None], confidence)
    ends = np.concatenate([found.lower, found.upper])
    for p in np.clip([*(ends - 1e-9), *(ends + 1e-9), *np.linspace(0, 1, 26)], 0, 1):
        covers = (found.lower <= p) & (p <= found.upper)
        assert np.sum(stats.binom(draws, p).pmf(np.arange(draws + 1)) * covers) >= confidence - 1e-12


def test_the_interval_of_a_share_covers_in_simulation():
    runs = np.random.default_rng(2).random((20_000, 30)) < 0.03
    found = Estimate.share_of(runs, 0.8)
    assert np.mean((found.lower <= 0.03) & (found.upper >= 0.03)) >= 0.8 - 0.01


def test_unclear_draws_widen_the_interval_of_a_share_upward():
    hits, maybe = np.arange(20) < 5, np.arange(20) < 8
    found, sure, all_of_them = (Estimate.share_of(hits, maybe=maybe), Estimate.share_of(hits), Estimate.share_of(maybe))
    assert (found.value, found.lower, found.upper) == (0.25, sure.lower, all_of_them.upper)
    assert Estimate.share_of(hits, maybe=hits & False) == sure


def test_numbers_other_than_zero_are_hits():
    found = Estimate.share_of([2.0, 0.0, 0.0], maybe=[0, 3, 0])
    assert found == Estimate.share_of([True, False, False], maybe=[True, True, False])


def test_numbers_of_any_kind_have_a_mean():
    assert Estimate.mean_of([Decimal(1), Decimal(3)]) == Estimate.mean_of([1.0, 3.0])


def test_no_rows_of_draws_have_no_intervals():
    assert Estimate.mean_of(np.zeros((0, 5))).shape == Estimate.share_of(np.zeros((0, 5))).shape == (0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Estimate.mean_of(1.0), "a mean needs an array of draws, got 1.0"),
        (lambda: Estimate.share_of(True), r"a share needs at least one draw, got shape \(\)"),
        (lambda: Estimate.share_of(np.zeros((3, 0))), r"a share needs at least one draw, got shape \(3, 0\)"),
        (lambda: Estimate.mean_of([1.0, 2.0], 1.0), "confidence must be > 0 and < 1, got 1.0"),
        (lambda: Estimate.share_of([True], 0.0), "confidence must be > 0 and < 1, got 0"),
    ],
)
def test_what_has_no_interval_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
