"""Two predictors on the same rows: the interval of the difference holds at several truths."""

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError
from fathometer.generalization.ledger._comparison import Comparison, compare_losses, mcnemar, paired_difference
from fathometer.generalization.ledger._strict import require_record

DRAWS = 400


def misses_allowed(delta: float) -> int:
    """More failures than this come by chance once in a million, if each has probability delta."""
    return int(stats.binom.ppf(1 - 1e-6, DRAWS, delta))


def outcomes(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    counts = (both, only_a, only_b, neither)
    return np.repeat([1.0, 1.0, 0.0, 0.0], counts), np.repeat([1.0, 0.0, 1.0, 0.0], counts)


def test_the_better_one_is_named_with_a_lower_bound():
    found = compare_losses(*outcomes(20, 10, 70, 900), 0.05)
    assert (found.better, found.wins, found.ties, found.losses) == ("A", 70, 920, 10)
    assert found.difference.value == pytest.approx(-0.06)
    assert found.sentence == "A is better by at least 0.0321 with probability 0.95"
    turned = compare_losses(*reversed(outcomes(20, 10, 70, 900)), 0.05)
    assert turned.better == "B"
    assert turned.difference.lower == pytest.approx(-found.difference.upper, abs=1e-15)
    assert turned.difference.upper == pytest.approx(-found.difference.lower, abs=1e-15)


def test_no_difference_is_bounded():
    found = compare_losses(*outcomes(20, 30, 30, 4000), 0.05, names=("linear", "forest"))
    assert found.better is None
    assert found.sentence == "no difference is shown, and none above 0.00586 can be hidden here, with probability 0.95"
    assert found.p_value == 1


def test_the_same_predictor_twice_differs_by_little():
    errors = np.repeat([1.0, 0.0], [50, 950])
    found = compare_losses(errors, errors)
    assert (found.wins, found.ties, found.losses, found.p_value) == (0, 1000, 0, 1.0)
    assert found.difference.lower == -found.difference.upper
    assert found.difference.upper < 0.006


def test_mcnemar_is_the_sign_test():
    assert mcnemar(10, 70) == stats.binomtest(10, 80).pvalue
    assert mcnemar(0, 0) == 1


def test_the_intervals_are_under_one_delta():
    found = compare_losses(*outcomes(20, 10, 70, 900), 0.05)
    estimates = (found.first_risk, found.second_risk, found.difference)
    assert sum(1 - (estimate.confidence or 0) for estimate in estimates) == pytest.approx(0.05)


@pytest.mark.parametrize("only_first", [30, 60, 100])
def test_the_interval_is_not_far_from_the_gaussian_one(only_first):
    """Which promises nothing at a finite number of rows."""
    n, only_second, delta = 3000, 100, 0.05
    lower, upper = paired_difference(only_first, only_second, n, delta)
    mean = (only_first - only_second) / n
    sd = np.sqrt(((only_first + only_second) / n - mean**2) / n)
    assert 1.96 < (upper - lower) / 2 / sd < 1.7 * 1.96


TRUTHS = [(0.1, 0.1), (0.02, 0.1), (0.0, 0.04), (0.3, 0.25)]


def failures(p: float, q: float, delta: float, copies: int = 1) -> int:
    """How often the interval of paired errors misses p - q, on 120 rows drawn independently, or in copies."""
    rng, missed = np.random.default_rng(1), 0
    for n10, n01, _ in rng.multinomial(120 // copies, [p, q, 1 - p - q], DRAWS) * copies:
        lower, upper = paired_difference(int(n10), int(n01), 120, delta)
        missed += not lower <= p - q <= upper
    return missed


@pytest.mark.parametrize(("p", "q"), TRUTHS)
def test_the_difference_of_error_rates_is_covered(p, q):
    assert failures(p, q, 0.1) <= misses_allowed(0.1)


def test_copied_rows_break_the_interval():
    """The negative control: every row stands there six times."""
    assert failures(0.1, 0.1, 0.1, copies=6) > misses_allowed(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_the_difference_of_losses_is_covered(shift):
    rng, missed, delta = np.random.default_rng(2), 0, 0.1
    for _ in range(DRAWS):
        common = 0.8 * rng.random(100)
        found = compare_losses(common, common * (1 - shift) + 0.2 * rng.random(100) - 0.0, delta)
        missed += not found.difference.lower <= 0.4 * shift - 0.1 <= found.difference.upper
    assert missed <= misses_allowed(delta)


def chosen_misses(weight: float) -> int:
    """The first predictor is the best of 40 equal ones on the rows that compare."""
    rng, missed = np.random.default_rng(3), 0
    for _ in range(DRAWS):
        many, other = rng.random((40, 80)) < 0.3, rng.random(80) < 0.3
        best = many[np.argmin(many.sum(axis=1))]
        lower, upper = paired_difference(int(np.sum(best & ~other)), int(np.sum(other & ~best)), 80, 0.1 * weight)
        missed += not lower <= 0 <= upper
    return missed


@pytest.mark.slow
def test_the_weight_pays_for_a_choice_on_the_same_rows():
    assert chosen_misses(1 / 40) <= misses_allowed(0.1)
    assert chosen_misses(1.0) > misses_allowed(0.1)
    ends = compare_losses(*outcomes(2, 3, 5, 70), 0.125, weights=(0.25, 0.5)).difference
    assert (ends.lower, ends.upper) == paired_difference(3, 5, 80, 0.125 * 0.8 / 8)


def test_the_record_travels():
    found = compare_losses(*outcomes(20, 10, 70, 900))
    require_record(Comparison, found.to_json())
    assert Comparison.from_json(found.to_json()) == found


def test_other_rows_are_refused():
    with pytest.raises(InputError, match="A and B must be compared on the same rows, got losses of 2 and of 3"):
        compare_losses([0, 1], [0, 1, 1])
    with pytest.raises(InputError, match=r"losses of B must lie in \[0, 1\], got 2"):
        compare_losses([0, 1], [0, 2])
