"""Data of any units and of any condition: every interval contains what 50 digits say."""

import json
import math

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    MultiOutput,
    MultiOutputRegression,
    Regression,
    condition_number,
    depth_law,
    minimal_sharpness,
    multi_output_bound,
    sharpness_of_minimizers,
)
from fathometer.deep_linear.model.data._accuracy import Accuracy
from fathometer.deep_linear.model.data._exact_rank import exact_rank
from fathometer.deep_linear.model.data._factor import Factor, factor_of_sigma, jacobi
from fathometer.evidence import InputError, Kind, Problem
from tests.oracles.deep_linear import READOUT, SIGMA, W_STAR, network
from tests.oracles.deep_linear_exact import exact_law, hard_samples, outside

DEPTHS = (1, 2, 3, 7, 64, 10**6)


def check(seed):
    """Compare every field of the law of one hard data set."""
    X, y = hard_samples(seed)
    depth = DEPTHS[seed % len(DEPTHS)]
    law, truth = depth_law(DeepLinear(Regression.from_data(X, y), depth)), exact_law(X, y, depth)
    for name, true in truth.items():
        estimate = getattr(law, name)
        assert outside(estimate, true) == 0, f"{name} of {seed}: {estimate.lower}, {estimate.upper}, {true}"
        if name.startswith("s_"):
            assert estimate.kind is Kind.ENCLOSED
    return law


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(48))
def test_intervals_contain_the_truth(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(48, 400))
def test_intervals_contain_the_truth_of_many_more(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("power", [4, 9, 14])
def test_digits_are_kept_up_to_a_condition_of_1e14(seed, power):
    rng = np.random.default_rng(seed)
    U, _, Vt = np.linalg.svd(rng.normal(size=(12, 4)), full_matrices=False)
    X = U * np.logspace(0, -power, 4) @ Vt
    y = X @ rng.normal(size=4) + 10.0**-power * rng.normal(size=12)
    law, truth = depth_law(DeepLinear(Regression.from_data(X, y), 3)), exact_law(X, y, 3)
    for name in ("s_min", "lambda_min", "norm_w_star"):
        estimate = getattr(law, name)
        assert outside(estimate, truth[name]) == 0
        assert (estimate.upper - estimate.lower) / estimate.value < 1e-13 * 10.0**power
        assert abs(estimate.value - truth[name]) / truth[name] < 1e-15 * 10.0**power


def timestamps():
    """A nanosecond timestamp beside two columns of size one."""
    rng = np.random.default_rng(0)
    X = np.column_stack([1.7e18 + 8.64e13 * np.arange(60), rng.standard_normal((60, 2))])
    return X, X[:, 1:] @ [1.0, -2.0] + 0.1 * rng.standard_normal(60)


def test_a_timestamp_costs_no_digit():
    X, y = timestamps()
    law, truth = depth_law(DeepLinear(Regression.from_data(X, y), 4)), exact_law(X, y, 4)
    for name, true in truth.items():
        estimate = getattr(law, name)
        assert outside(estimate, true) == 0
        assert (estimate.upper - estimate.lower) / estimate.value < 1e-11, name
    assert law.lambda_min.value > 0.3
    assert law.norm_w_star.value == pytest.approx(math.sqrt(5), rel=0.1)


@pytest.mark.parametrize("power", [8, 40, 149])
def test_one_column_in_another_unit(power):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    X[:, 1] *= 10.0**power
    step = depth_law(DeepLinear(Regression.from_data(X, y), 3)).largest_stable_step
    with mp.workdps(50):
        assert outside(step, 2 / exact_law(X, y, 3)["s_min"]) == 0
    assert (step.upper - step.lower) / step.value < 1e-11


def test_one_feature_is_no_better_known_than_its_rounding():
    X, y = np.array([[0.1], [0.3], [0.7]]), np.array([0.2, 0.5, 1.3])
    estimate = minimal_sharpness(DeepLinear(Regression.from_data(X, y), 5))
    assert outside(estimate, exact_law(X, y, 5)["s_min"]) == 0
    assert (estimate.upper - estimate.lower) / estimate.value > 2 * np.finfo(float).eps


@pytest.mark.parametrize("scale", [1e-200, 1e-154, 1e155, 1e300])
def test_columns_whose_squares_are_no_numbers_are_refused(scale):
    X = np.random.default_rng(0).normal(size=(9, 2))
    with pytest.raises(
        InputError, match=r"column 2 of X must be zero or have a largest entry between 1e-152 and 1e\+152"
    ):
        Regression.from_data(X * [1, scale], X[:, 0])
    with pytest.raises(InputError, match="the target must be zero or"):
        Regression.from_data(X, X[:, 0] * scale)


def test_the_rank_of_the_data_is_exact():
    rng = np.random.default_rng(0)
    A = rng.integers(-9, 9, (40, 6)).astype(float)
    dependent = np.column_stack([A, A @ rng.integers(-3, 3, (6, 3))])
    assert exact_rank(A) == exact_rank(dependent) == exact_rank(dependent.T) == 6
    assert exact_rank(np.ldexp(dependent, rng.integers(-400, 400, 9))) == 6
    assert exact_rank(np.zeros((3, 2))) == 0
    assert exact_rank(rng.normal(size=(4, 7))) == 4
    one_hot = np.column_stack([np.ones(30), np.eye(3)[rng.integers(0, 3, 30)]])
    law = depth_law(DeepLinear(Regression.from_data(one_hot, rng.normal(size=30)), 3))
    assert law.lambda_min.to_json() == {"value": 0.0, "lower": 0.0, "upper": 0.0, "kind": "exact"}
    assert (law.s_min.upper - law.s_min.lower) / law.s_min.value < 1e-12


def test_columns_that_are_dependent_to_rounding_are_enclosed_for_every_rank():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20, 2))
    X = np.column_stack([X, X @ [0.1, 0.3]])
    y = rng.normal(size=20)
    data = Regression.from_data(X, y)
    assert not data.read_factor.rank_known
    law, truth = depth_law(DeepLinear(data, 3)), exact_law(X, y, 3)
    assert truth["lambda_min"] > 0
    for name, true in truth.items():
        assert outside(getattr(law, name), true) == 0, name
    assert law.norm_w_star.upper == math.inf


@pytest.mark.parametrize("seed", range(4))
def test_singular_values_do_not_depend_on_units(seed):
    rng = np.random.default_rng(seed)
    matrix, units = rng.normal(size=(4, 4)), 10.0 ** rng.uniform(-140, 140, 4)
    with mp.workdps(400):
        true = sorted(
            (float(s) for s in mp.svd_r(mp.matrix((matrix * units).tolist()), compute_uv=False)), reverse=True
        )
    assert_allclose(jacobi(matrix * units)[1], true, rtol=1e-13)


def test_a_matrix_alone_keeps_its_small_columns():
    units = np.array([1e9, 1.0, 1e-9])
    data = Regression(SIGMA * np.outer(units, units), W_STAR / units)
    with mp.workdps(80):
        exact = mp.matrix((SIGMA * np.outer(units, units)).tolist())
        true = [float(value) for value in mp.eigsy(exact, eigvals_only=True)]
    assert_allclose(data.eigenvalues, true, rtol=1e-12)
    assert_allclose(data.explained, W_STAR @ SIGMA @ W_STAR, rtol=1e-13)
    assert condition_number(data) == pytest.approx(true[-1] / true[0])


def test_factors_travel_as_json_and_stay_with_their_sigma():
    data = Regression.from_data(*timestamps())
    again = Problem.from_json(json.loads(json.dumps(DeepLinear(data, 4).to_json())))
    assert again == DeepLinear(data, 4)
    assert minimal_sharpness(again).value == minimal_sharpness(DeepLinear(data, 4)).value
    assert_allclose(data.half.T @ data.half, data.sigma, rtol=1e-12)
    with pytest.raises(InputError, match="factor must be a matrix F with"):
        Regression(np.eye(3), data.w_star, 0.0, data.factor)
    with pytest.raises(InputError, match="matrix must be square"):
        Factor(np.ones((2, 3)), 1e-15, True)
    assert factor_of_sigma(np.zeros((2, 2))).rank == 0


def test_the_condition_that_no_unit_changes():
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    plain, scaled = (
        Accuracy(Regression.from_data(X * units, y)).kappa for units in (1.0, 10.0 ** rng.uniform(-140, 140, 4))
    )
    assert scaled == pytest.approx(plain, rel=1e-12)
    assert 4 <= plain < 8


@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize("depth", [1, 2, 5, 64, 65, 3000, 10**9, 10**15])
def test_minimizers_of_every_depth(depth, readout):
    problem = network(depth, readout)
    law, found = depth_law(problem), sharpness_of_minimizers(problem, 3, 200, 0).value
    assert found.shape == (202,)
    assert_allclose(found[:2], [law.s_min.value, law.s_balanced.value], rtol=1e-13)
    assert np.all(found >= law.s_min.lower)
    if depth > 1:
        assert np.min(found[2:]) > law.s_min.upper
        assert np.median(found[2:]) < 100 * law.s_min.value


@pytest.mark.parametrize("depth", [2, 7, 10**15])
def test_minimizers_on_ill_scaled_data(depth):
    problem = DeepLinear(Regression.from_data(*timestamps()), depth)
    law, found = depth_law(problem), sharpness_of_minimizers(problem, 3, 100, 0).value
    assert_allclose(found[:2], [law.s_min.value, law.s_balanced.value], rtol=1e-11)
    assert np.all(found >= law.s_min.lower)


def test_the_random_ones_are_those_of_networks():
    """The same distribution of sharpness as random minimizers that are built as weights."""
    from fathometer.deep_linear import random_minimizers, sharpness_at_minimizer

    problem = DeepLinear(Regression(np.eye(3), W_STAR), 4)
    built = np.log(sharpness_at_minimizer(problem, random_minimizers(problem, 3, 3000, 1)).value)
    found = np.log(sharpness_of_minimizers(problem, 3, 3000, 2).value[2:])
    assert_allclose(np.quantile(found, [0.1, 0.5, 0.9]), np.quantile(built, [0.1, 0.5, 0.9]), atol=0.15)


@pytest.mark.parametrize(
    ("depth", "message"), [(10**15 + 1, r"depth must be at most 1e\+15"), (0, "depth must be >= 1")]
)
def test_depths_that_are_no_numbers_of_layers(depth, message):
    with pytest.raises(InputError, match=message):
        network(depth)


def test_several_outputs_on_ill_scaled_data():
    X, y = timestamps()
    units, Y = np.array([1e-18, 1.0, 1.0]), np.column_stack([y, X[:, 1]])
    given, eased = (MultiOutputRegression.from_data(columns, Y) for columns in (X, X * units))
    assert_allclose(given.M_star[:, 1:], eased.M_star[:, 1:], rtol=1e-9, atol=1e-9)
    one = MultiOutput(MultiOutputRegression.from_data(X, y[:, None]), 4)
    bound, exact = multi_output_bound(one), minimal_sharpness(DeepLinear(Regression.from_data(X, y), 4))
    assert bound.lower <= exact.upper
    assert exact.lower <= bound.upper
    assert_allclose(bound.value, exact.value, rtol=1e-6)


def test_minimal_sharpness_scales_with_a_tiny_readout():
    problem = network(3, READOUT * 1e-200)
    assert_allclose(minimal_sharpness(problem).value, minimal_sharpness(network(3, READOUT)).value * 1e-200 ** (2 / 3))
