"""The conversion through the output: its values, what it dominates, and what it costs."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from fathometer.generalization import evaluate_bound
from fathometer.generalization.bounds._normal import normal_cdf
from fathometer.generalization.learning.linear._model import Sample
from fathometer.generalization.learning.linear._several import smoothed_class_errors
from fathometer.numerics import wide

KEYS = {"risk": 0.03, "kl": 6.0, "m": 200, "delta": 0.01}
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("t", [0, 1e-9, 0.3, 1, 2.5, 6, 8.9, 9, 30])
def test_the_distribution_function_against_50_digits(t):
    with mp.workdps(50):
        exact = mp.ncdf(mp.mpf(t))
        assert abs(mp.mpf(str(normal_cdf(wide(t)))) / exact - 1) <= 300 * float(np.finfo(np.longdouble).eps)


def test_at_threshold_0_it_is_twice_the_bound_on_the_gibbs_risk():
    gibbs = evaluate_bound("maurer_seeger", **KEYS).value
    assert evaluate_bound("output_conversion", threshold=0, **KEYS).value == pytest.approx(2 * gibbs, rel=1e-15)


def test_a_wide_margin_costs_nothing_but_the_smoothed_risk():
    gibbs = evaluate_bound("maurer_seeger", **KEYS).value
    assert gibbs <= evaluate_bound("output_conversion", threshold=9, **KEYS).value <= gibbs * (1 + 1e-15)


def test_settings_that_were_tried_share_the_delta():
    many = evaluate_bound("output_conversion", threshold=1, hypotheses=30, **KEYS).value
    one = evaluate_bound("output_conversion", threshold=1, **KEYS | {"delta": KEYS["delta"] / 30}).value
    assert many == pytest.approx(one, rel=1e-15)


@given(seeds, st.floats(0, 4), st.floats(1e-3, 10))
def test_an_error_costs_at_least_phi_of_the_threshold(seed, threshold, sigma):
    """1[h errs at (x, y)] <= E_Z of the smoothed loss / Phi(t), for any h and rows of any length."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 3)) * 10.0 ** rng.integers(-3, 4, size=(40, 1))
    sample, h = Sample(x, np.where(rng.random(40) < 0.5, 1.0, -1.0)), rng.normal(size=3)
    losses = sample.smoothed_errors(h, sigma, threshold)
    assert np.all(sample.errors(h) <= losses / stats.norm.cdf(threshold) * (1 + 1e-12))


@given(seeds, st.floats(0, 4), st.floats(1e-3, 10), st.integers(2, 6))
def test_an_error_among_several_classes_costs_as_much(seed, threshold, sigma, classes):
    rng = np.random.default_rng(seed)
    x, codes = rng.normal(size=(40, 3)) * 5, rng.integers(0, classes, 40)
    weights = np.round(rng.normal(size=(3, classes)), 1)
    scores = x @ weights
    others = np.where(np.arange(classes) == codes[:, None], -np.inf, scores).max(axis=1)
    errors = scores[np.arange(40), codes] <= others
    losses = smoothed_class_errors(x, codes, weights, sigma, threshold)
    assert np.all(errors <= losses / stats.norm.cdf(threshold) * (1 + 1e-12))
    shifted = smoothed_class_errors(x, codes, weights + rng.normal(size=(3, 1)), sigma, threshold)
    np.testing.assert_allclose(shifted, losses, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_sum_over_classes_is_above_the_probability_and_for_two_classes_equal_to_it(seed):
    rng = np.random.default_rng(seed)
    for classes in (2, 4):
        x, codes, weights = rng.normal(size=(6, 3)), rng.integers(0, classes, 6), rng.normal(size=(3, classes))
        drawn = weights + 0.4 * rng.normal(size=(40_000, 3, classes))
        scores = np.einsum("md,ndk->nmk", x, drawn)
        right = np.take_along_axis(scores, np.broadcast_to(codes[:, None], (40_000, 6, 1)), axis=2)
        margins = np.where(np.arange(classes) == codes[:, None], np.inf, right - scores).min(axis=2)
        frequency = np.mean(margins <= np.sqrt(2) * 0.4 * np.linalg.norm(x, axis=1) * 0.7, axis=0)
        bound = smoothed_class_errors(x, codes, weights, 0.4, 0.7)
        assert np.all(frequency <= bound + 0.012)
        if classes == 2:
            np.testing.assert_allclose(frequency, bound, atol=0.012)


def test_a_step_costs_less_than_a_ramp_with_the_same_mean_at_margin_0():
    """A ramp with mean Phi(1) at margin 0 has no smaller mean at a larger margin."""
    z = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)

    def ramp(s, start):
        return np.clip(1 - (s - start), 0, 1)

    start = min(np.linspace(-1, 2, 3001), key=lambda a: abs(ramp(z, a).mean() - stats.norm.cdf(1)))
    for margin in (0.5, 1, 2, 4):
        assert stats.norm.cdf(1 - margin) <= ramp(z + margin, start).mean() + 1e-3
