"""Laws that hold for every instance."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    Regression,
    balanced_minimizer,
    balanced_sharpness,
    flattest_minimizer,
    gradient,
    minimal_sharpness,
    nearest_minimizer,
    paper_lower_bound,
    paper_upper_bound,
    product,
    random_minimizers,
    reduced_spectrum,
    sharper_lower_bound,
    sharpness_at_minimizer,
    tangent_kernel,
)

ROOM = 1 + 1e-9


@st.composite
def samples(draw):
    """Data with conditioning up to about 1e4."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = draw(st.integers(1, 5))
    scales = 10.0 ** generator.uniform(-1, 1, inputs)
    X = generator.normal(size=(inputs + draw(st.integers(0, 10)), inputs)) * scales
    return X, X @ generator.normal(size=inputs) + draw(st.sampled_from([0.0, 1.0])) * generator.normal(size=len(X))


@st.composite
def problems(draw):
    data = Regression.from_data(*draw(samples()))
    readout = draw(st.none() | st.integers(0, 2**32 - 1))
    vector = None if readout is None else np.random.default_rng(readout).normal(size=data.dimension)
    return DeepLinear(data, draw(st.integers(1, 8)), vector)


def rotation(size, seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]


@given(problems(), st.integers(1, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_chain_of_bounds(problem, width, seed):
    sharpness = sharpness_at_minimizer(problem, random_minimizers(problem, width, 20, seed)).value
    minimum, balanced = minimal_sharpness(problem), balanced_sharpness(problem).value
    assert np.min(sharpness) >= minimum.lower / ROOM
    assert minimum.value * ROOM >= sharper_lower_bound(problem).value >= paper_lower_bound(problem).value / ROOM
    assert minimum.value <= balanced * ROOM <= paper_upper_bound(problem).value * ROOM**2


@given(problems(), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_the_minimum_is_attained(problem, width):
    found = sharpness_at_minimizer(problem, flattest_minimizer(problem, width)).value
    assert_allclose(found, minimal_sharpness(problem).value, rtol=1e-9)
    found = sharpness_at_minimizer(problem, balanced_minimizer(problem, width)).value
    assert_allclose(found, balanced_sharpness(problem).value, rtol=1e-9)


@given(samples(), st.integers(1, 8), st.floats(0.01, 100))
@settings(max_examples=40, deadline=None)
def test_minimal_sharpness_scales_with_data_and_target(data, depth, factor):
    X, y = data
    base = minimal_sharpness(DeepLinear(Regression.from_data(X, y), depth)).value
    both = minimal_sharpness(DeepLinear(Regression.from_data(factor * X, factor * y), depth)).value
    target = minimal_sharpness(DeepLinear(Regression.from_data(X, -factor * y), depth)).value
    assert_allclose(both, factor**2 * base, rtol=1e-8)
    assert_allclose(target, factor ** (2 - 2 / depth) * base, rtol=1e-8)


@given(samples(), st.integers(1, 8), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_rotating_the_data_changes_nothing(data, depth, seed):
    X, y = data
    one = DeepLinear(Regression.from_data(X, y), depth)
    other = DeepLinear(Regression.from_data(X @ rotation(X.shape[1], seed), y), depth)
    for bound in (minimal_sharpness, balanced_sharpness, paper_lower_bound, sharper_lower_bound, paper_upper_bound):
        assert_allclose(bound(other).value, bound(one).value, rtol=1e-8)


@given(problems(), st.floats(0.1, 10))
@settings(max_examples=40, deadline=None)
def test_scaling_the_readout(problem, factor):
    assume(problem.readout is not None)
    scaled = DeepLinear(problem.regression, problem.depth, factor * problem.readout)
    for bound in (minimal_sharpness, balanced_sharpness, paper_lower_bound, sharper_lower_bound, paper_upper_bound):
        assert_allclose(bound(scaled).value, factor ** (2 / problem.depth) * bound(problem).value, rtol=1e-11)


@given(problems(), st.integers(1, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_rotating_hidden_units_changes_nothing(problem, width, seed):
    weights = [matrix[0] for matrix in random_minimizers(problem, width, 1, seed)]
    turns = [np.eye(problem.regression.dimension), *(rotation(width, seed + k) for k in range(1, problem.depth))]
    turns.append(np.eye(problem.output.size))
    turned = [turns[k + 1] @ matrix @ turns[k].T for k, matrix in enumerate(weights)]
    assert_allclose(product(turned, problem.readout), product(weights, problem.readout), rtol=1e-6, atol=1e-9)
    turned = nearest_minimizer(problem, turned)
    one, other = (sharpness_at_minimizer(problem, each).value for each in (weights, turned))
    assert_allclose(other, one, rtol=1e-7)


@given(problems(), st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_identities_at_any_weights(problem, width, seed):
    weights = [matrix[0] for matrix in random_minimizers(problem, width, 1, seed)]
    weights = [matrix + 0.1 * np.ones_like(matrix) for matrix in weights]
    data, kernel = problem.regression, tangent_kernel(problem, weights)
    slope = 2 * data.sigma @ (product(weights, problem.readout) - data.w_star)
    square = sum(float(np.sum(part**2)) for part in gradient(problem, weights))
    assert_allclose(square, slope @ kernel @ slope, rtol=1e-9)
    spectrum = reduced_spectrum(problem, weights)
    scale = np.abs(spectrum).sum()
    assert_allclose(spectrum.sum(), 2 * np.trace(data.sigma @ kernel), atol=1e-10 * scale)


@pytest.mark.parametrize("readout", [None, np.array([0.3, -1.0, 2.0])])
def test_depth_makes_all_bounds_one(readout):
    data = Regression(np.diag([0.5, 1.0, 4.0]), np.array([1.0, 1.0, 0.2]))
    ratios = []
    for depth in (2, 10, 100, 1000, 10_000):
        problem = DeepLinear(data, depth, readout)
        ratios.append(minimal_sharpness(problem).value / paper_lower_bound(problem).value)
        assert 1 <= ratios[-1] <= 1 + (data.lambda_max / data.rayleigh - 1) / depth
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] - 1 < 1e-3
