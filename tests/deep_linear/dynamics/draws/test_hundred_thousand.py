"""No minimizer is flatter than the flattest: 100 000 of them, on random problems."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fathometer.deep_linear import (
    DeepLinear,
    Regression,
    flattest_minimizer,
    minimal_sharpness,
    nearest_minimizer,
    random_minimizers,
    sharpness_at_minimizer,
)

BATCH = 100


def random_problem(generator):
    """Any dimension to 6, depth to 10, conditioning to 1e4; a third of them singular, a third with a readout."""
    d, depth = int(generator.integers(1, 7)), int(generator.integers(1, 11))
    n = int(generator.integers(1, d + 1)) if generator.random() < 1 / 3 else d + int(generator.integers(0, 20))
    X = generator.normal(size=(n, d)) * 10.0 ** generator.uniform(-1, 1, d)
    y = X @ generator.normal(size=d) * 10.0 ** generator.uniform(-2, 2) + generator.normal(size=n)
    readout = generator.normal(size=d) if generator.random() < 1 / 3 else None
    return DeepLinear(Regression.from_data(X, y), depth, readout)


def near_the_flattest(problem, width, generator):
    """Minimizers at all distances from a flattest one."""
    size = 10.0 ** generator.uniform(-4, 0, BATCH)[:, None, None]
    start = flattest_minimizer(problem, width)
    moved = [m + size * np.abs(m).max() * generator.normal(size=(BATCH, *m.shape)) for m in start]
    return nearest_minimizer(problem, moved)


@pytest.mark.slow
def test_sharpness_is_at_least_the_minimum_for_a_hundred_thousand_minimizers():
    counts = []

    @given(st.integers(0, 2**63 - 1))
    @settings(max_examples=520, deadline=None, suppress_health_check=list(HealthCheck))
    def one_problem(seed):
        generator = np.random.default_rng(seed)
        problem, width = random_problem(generator), int(generator.integers(1, 6))
        least = minimal_sharpness(problem).lower
        families = (
            random_minimizers(problem, width, BATCH, int(generator.integers(2**31))),
            near_the_flattest(problem, width, generator),
        )
        for weights in families:
            sharpness = np.asarray(sharpness_at_minimizer(problem, weights).value)
            assert np.min(sharpness / least) >= 1 - 1e-9
            counts.append(sharpness.size)

    one_problem()
    assert sum(counts) >= 100_000
