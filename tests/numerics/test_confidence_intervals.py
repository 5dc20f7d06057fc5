import numpy as np
from numpy.testing import assert_allclose

from fathometer.numerics import kl
from fathometer.numerics._confidence_intervals import bounded_mean


def test_the_interval_of_a_bounded_mean_inverts_the_kl_bound():
    means = np.array([0.1, 0.5, 0.97])
    found = bounded_mean(means, 40, 0.95)
    for end in (found.lower, found.upper):
        assert_allclose(kl(means, end), np.log(2 / 0.05) / 40, rtol=1e-9)
    assert np.all(found.lower < means)
    assert np.all(found.upper > means)


def test_the_interval_of_a_bounded_mean_covers_at_least_as_often_as_it_says():
    runs = np.random.default_rng(0).beta(0.3, 0.9, (20_000, 15))
    found = bounded_mean(runs.mean(axis=1), 15, 0.8)
    assert np.mean((found.lower <= 0.25) & (found.upper >= 0.25)) >= 0.8
