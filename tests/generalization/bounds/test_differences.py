"""The interval for the difference of two risks: its coverage, its limits, and the sign test inside."""

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError
from fathometer.generalization import difference_interval

LAWS = [(0.1, 0.1), (0.02, 0.0), (0.3, 0.05), (0.0, 0.0), (0.4, 0.6)]


@pytest.mark.parametrize(("win", "loss"), LAWS)
def test_it_misses_the_difference_no_more_often_than_delta(win, loss):
    """Exactly, over all outcomes of 25 rows."""
    n, delta, missed = 25, 0.1, 0.0
    for won in range(n + 1):
        for lost in range(n + 1 - won):
            lower, upper = difference_interval(won, lost, n, delta)
            if not lower <= win - loss <= upper:
                missed += stats.multinomial.pmf([won, lost, n - won - lost], n, [win, loss, max(1 - win - loss, 0)])
    assert missed <= delta


@pytest.mark.parametrize(("won", "lost", "n"), [(30, 20, 1000), (200, 150, 1000), (7, 0, 40), (0, 0, 10), (4, 9, 13)])
def test_the_ends_are_extremes_over_both_limits(won, lost, n):
    def limits(k, size, tail):
        low = stats.beta.ppf(tail, k, size - k + 1) if k else 0.0
        return low, stats.beta.ppf(1 - tail, k + 1, size - k) if k < size else 1.0

    proportions = limits(won, won + lost, 0.02) if won + lost else (0.0, 1.0)
    corners = [s * (2 * theta - 1) for s in limits(won + lost, n, 0.005) for theta in proportions]
    lower, upper = difference_interval(won, lost, n, 0.05)
    assert (lower, upper) == pytest.approx((min(corners), max(corners)), abs=1e-12)
    assert lower <= (won - lost) / n <= upper


def test_exchanging_the_predictors_changes_the_sign():
    lower, upper = difference_interval(30, 12, 200, 0.05)
    assert difference_interval(12, 30, 200, 0.05) == pytest.approx((-upper, -lower), abs=1e-14)


def test_it_excludes_zero_where_the_sign_test_rejects():
    for won in range(8, 30):
        rejected = stats.binomtest(won, won + 8, alternative="greater").pvalue < 0.02
        assert (difference_interval(won, 8, 500, 0.05)[0] > 0) == rejected


def test_more_rows_that_both_get_right_or_wrong_narrow_it():
    widths = [np.diff(difference_interval(10, 5, n, 0.05))[0] for n in (15, 50, 500)]
    assert np.all(np.diff(widths) < 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ((6, 5, 10, 0.05), r"wins \+ losses must be <= n = 10, got 11"),
        ((-1, 5, 10, 0.05), "wins must be >= 0, got -1"),
        ((1, 5, 10, 1.0), "delta must be > 0 and < 1, got 1"),
        ((1, 5, 0, 0.5), "n must be >= 1, got 0"),
    ],
)
def test_impossible_counts_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        difference_interval(*call)
