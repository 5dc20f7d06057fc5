"""The bound for a stratified split: its price, its limits, and the fault that the price mends."""

import numpy as np
import pytest
from scipy import special, stats

from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound, maurer_constant

KEYS = {"rows": 500, "share": 0.2, "classes": 3, "delta": 0.05}


def value(**changes) -> float:
    found = evaluate_bound("stratified_kl", **{"total": 10} | KEYS | changes).value
    assert found is not None
    return found


def test_one_class_costs_nothing():
    assert value(classes=1) == pytest.approx(evaluate_bound("test_kl", risk=0.1, n=100, delta=0.05).value, rel=1e-14)


def test_it_grows_with_losses_and_classes_and_falls_with_rows_and_share():
    assert np.all(np.diff([value(total=total) for total in (0, 0.5, 10, 50)]) > 0)
    assert np.all(np.diff([value(classes=k) for k in (1, 2, 3, 30)]) > 0)
    assert np.all(np.diff([value(rows=rows, total=rows / 50) for rows in (500, 5000, 50_000)]) < 0)
    assert np.all(np.diff([value(share=share, total=50 * share) for share in (0.1, 0.2, 0.4, 0.6)]) < 0)


def test_more_losses_than_expected_rows_say_nothing():
    assert value(total=101) == value(total=100) == 1


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("n", [1, 2, 10, 200])
def test_the_price_of_a_class_is_above_the_mean_that_it_pays_for(n, share):
    """E exp(f n kl(k/n || q)) at the worst q is at most the sum of Abel's identity, which is at most 1/(1 - f)."""
    k = np.arange(n + 1)
    q = np.geomspace(1e-4, 0.5, 100)[:, None]
    divergence = special.rel_entr(k / n, q) + special.rel_entr(1 - k / n, 1 - q)
    mean = np.exp(stats.binom.logpmf(k, n, q) + share * n * divergence).sum(axis=1)
    abel = np.sum(share**k * np.cumprod([1.0, *(1 - np.arange(n) / n)]))
    assert mean.max() <= abel * (1 + 1e-12)
    assert abel <= 1 / (1 - share)
    mixed = (1 - share) * 0.3 + share * k / n
    assert stats.binom.pmf(k, n, mixed).sum() == pytest.approx(abel, rel=1e-10)


def test_at_share_1_the_sum_is_maurers_constant():
    assert sum(np.prod(1 - np.arange(j) / 30) for j in range(31)) == pytest.approx(
        float(maurer_constant(30)), rel=1e-14
    )


def test_impossible_splits_are_refused():
    with pytest.raises(InputError, match="share must be > 0 and < 1, got 1"):
        value(share=1)
