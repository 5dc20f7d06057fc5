from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from fathometer.data import load_table
from fathometer.deep_linear import (
    DeepLinear,
    Regression,
    balanced_minimizer,
    balanced_sharpness,
    flattest_minimizer,
    minimal_sharpness,
    nearest_minimizer,
    product,
    random_minimizers,
    sharpness_at_minimizer,
)
from fathometer.evidence import InputError
from tests.oracles.deep_linear import READOUT, W_STAR, dense_hessian, flatten, network, unflatten


@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize("depth", [1, 2, 3, 10, 64])
@pytest.mark.parametrize("width", [1, 4])
def test_the_flattest_and_the_balanced_minimizer(depth, width, readout):
    problem = network(depth, readout)
    for build, expected in ((flattest_minimizer, minimal_sharpness), (balanced_minimizer, balanced_sharpness)):
        weights = build(problem, width)
        assert_allclose(product(weights, readout), W_STAR, rtol=1e-12)
        assert_allclose(sharpness_at_minimizer(problem, weights).value, expected(problem).value, rtol=1e-12)
        assert all(matrix.shape[-2] == width for matrix in weights[:-1])


def test_the_flattest_network_of_the_fixed_instance():
    weights = flattest_minimizer(network(4), 3)
    norms = [np.linalg.norm(matrix) for matrix in weights]
    assert_allclose(norms, [1.378609, 1.184530, 1.184530, 1.184530], atol=6e-7)
    assert_allclose(np.linalg.eigvalsh(dense_hessian(network(4), weights))[-1], 34.9202102558482, rtol=1e-12)


def test_balanced_layers_have_equal_gram_matrices():
    weights = balanced_minimizer(network(5, READOUT), 3)
    for lower, upper in pairwise(weights):
        assert_allclose(upper.T @ upper, lower @ lower.T, atol=1e-14)


def diabetes(depth):
    table = load_table("sklearn:diabetes", "target").standardized()
    return DeepLinear(Regression.from_data(table.features, table.target), depth)


def test_no_random_minimizer_of_the_diabetes_data_is_flatter():
    problem = diabetes(10)
    assert problem.regression.dimension == 10
    weights = random_minimizers(problem, 4, 10_000, seed=0)
    assert weights[0].shape == (10_000, 4, 10)
    sharpness = sharpness_at_minimizer(problem, weights).value
    assert len(sharpness) == 10_000
    assert minimal_sharpness(problem).upper < sharpness.min() < 2 * minimal_sharpness(problem).value


@pytest.mark.slow
def test_minimization_over_all_minimizers_reaches_the_minimum():
    problem, shapes = network(3), [(2, 3), (2, 2), (1, 2)]

    def sharpness(vector):
        weights = [np.asarray(matrix) for matrix in unflatten(vector, shapes)]
        return sharpness_at_minimizer(problem, nearest_minimizer(problem, weights)).value

    vector = flatten([matrix[0] for matrix in random_minimizers(problem, 2, 1, seed=5)])
    for _ in range(4):
        vector = minimize(sharpness, vector, method="Nelder-Mead", options={"maxfev": 2500, "adaptive": True}).x
    assert_allclose(sharpness(vector), 23.493937514, rtol=2e-6)
    assert sharpness(vector) >= minimal_sharpness(problem).lower


def test_random_minimizers_are_reproducible_and_take_uneven_widths():
    problem = network(3, READOUT)
    one, again = (random_minimizers(problem, (2, 5), 7, seed=1) for _ in range(2))
    assert [matrix.shape for matrix in one] == [(7, 2, 3), (7, 5, 2), (7, 3, 5)]
    assert_allclose(product(one, READOUT), np.broadcast_to(W_STAR, (7, 3)), rtol=1e-9)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], random_minimizers(problem, (2, 5), 7, seed=2)[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: flattest_minimizer(network(2, w_star=np.zeros(3)), 2), "w_star must explain something"),
        (lambda: balanced_minimizer(network(2, w_star=np.zeros(3)), 2), "w_star must explain something"),
        (lambda: random_minimizers(network(2, w_star=np.zeros(3)), 2, 1, 0), "w_star must explain something"),
        (lambda: flattest_minimizer(network(2), 0), "width must be >= 1, got 0"),
        (lambda: random_minimizers(network(3), (2,), 1, 0), "widths must be one number or 2, got 1"),
        (lambda: random_minimizers(network(3), 2, 0, 0), "count must be >= 1, got 0"),
        (lambda: random_minimizers(network(3), 2, 1, -1), "seed must be >= 0, got -1"),
        (
            lambda: nearest_minimizer(network(2), (np.ones((1, 3)), np.zeros((1, 1)))),
            "must not multiply to zero",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
