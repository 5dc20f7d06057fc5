"""Intervals over texts cover as often as they say."""

import numpy as np
import pytest

from fathometer.network.layers.measuring._bootstrap import CONFIDENCE, mean, ratio


def coverage(texts, seed):
    """How often the interval of a ratio of skewed, dependent terms holds the ratio of their means, over 400 draws."""
    rng = np.random.default_rng(seed)
    under = rng.lognormal(0.0, 0.5, (400, texts))
    over = under * rng.uniform(0.1, 0.5, (400, texts))
    intervals = [ratio(a, b) for a, b in zip(over, under, strict=True)]
    return np.mean([each.lower <= 0.3 <= each.upper for each in intervals])


@pytest.mark.parametrize("texts", [5, 12])
def test_the_interval_of_a_ratio_covers(texts):
    assert CONFIDENCE - 0.03 <= coverage(texts, texts) <= 0.99


def test_one_text_has_no_interval():
    alone = mean(np.array([[2.0, 3.0]]))
    assert alone.value.tolist() == [2.0, 3.0]
    assert np.all(np.isinf(alone.lower))
    assert np.all(np.isinf(alone.upper))


def test_texts_without_a_value_are_left_out():
    known = mean(np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]]))
    assert known.value[0] == 2.0
    assert np.isnan(known.value[1])
