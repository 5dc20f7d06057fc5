import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import DeepLinear, Regression
from fathometer.evidence import InputError, Problem
from tests.oracles.deep_linear import READOUT, SIGMA, W_STAR, network, paper_data

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(size=(20, 4))
Y = GENERATOR.normal(size=20)


def test_data_are_reduced_to_the_risk_they_define():
    data = Regression.from_data(X, Y)
    for w in GENERATOR.normal(size=(5, 4)):
        error = w - data.w_star
        assert_allclose(np.mean((Y - X @ w) ** 2), data.risk_min + error @ data.sigma @ error, rtol=1e-13)
    assert_allclose(data.w_star, np.linalg.pinv(X) @ Y, rtol=1e-12)


def test_underdetermined_data_take_the_interpolator_of_least_norm():
    data = Regression.from_data(X[:3], Y[:3])
    assert_allclose(data.w_star, np.linalg.pinv(X[:3]) @ Y[:3], rtol=1e-12)
    assert data.risk_min < 1e-28


def test_a_target_orthogonal_to_the_features_is_not_explained_by_rounding():
    X, y = np.array([[1, 0], [1, 0], [0, 1], [0, 1.0]]), np.array([1, -1, 2, -2.0])
    assert np.any(np.linalg.lstsq(X, y, rcond=None)[0])
    data = Regression.from_data(X, y)
    assert np.all(data.w_star == 0)
    assert data.risk_min == 2.5
    assert Regression.from_data(X, y + 1e-12 * X[:, 0]).w_star[0] == pytest.approx(1e-12, rel=1e-3)


@pytest.mark.parametrize("rows", range(1, 12))
def test_directions_without_data_have_eigenvalue_zero(rows):
    wide = np.random.default_rng(rows).normal(size=(rows, 12))
    data = Regression.from_data(wide, wide[:, 0])
    assert np.sum(data.eigenvalues == 0) == 12 - rows
    assert_allclose(data.root @ data.root, data.sigma, atol=1e-13)


def test_properties_of_the_fixed_instance():
    data = network(2).regression
    assert_allclose(data.norm, 2.29128784747792, rtol=1e-14)
    assert_allclose(data.rayleigh, 25 / 21, rtol=1e-14)
    assert_allclose(data.eigenvalues, [0.70788727839174, 1.64714018013952, 3.64497254146874], rtol=1e-14)
    assert_allclose(data.root @ data.root, SIGMA, atol=1e-14)
    assert_allclose(data.q, data.root @ W_STAR, rtol=1e-13)
    assert_allclose(data.explained, W_STAR @ SIGMA @ W_STAR, rtol=1e-14)


def test_the_papers_data_have_the_printed_eigenvalues_and_optimum():
    data = Regression.from_data(*paper_data())
    expected = (-0.58674642, 0.60905898, 0.06295351, 0.2985478, 0.43781487)
    assert_allclose(data.w_star, expected, atol=6e-9)
    assert_allclose(data.eigenvalues, [0.59748752, 0.794948, 1.02634372, 1.38041882, 1.59418238], atol=6e-9)
    assert_allclose(data.rayleigh, 0.932805305357, atol=1e-12)
    assert_allclose(data.risk_min, 0.368222585182, atol=1e-12)
    assert_allclose(data.risk_min + data.explained, 1.301027890539, atol=1e-12)


def test_norms_do_not_overflow_or_underflow():
    for scale in (1e-170, 1e170):
        data = network(2, w_star=W_STAR * scale).regression
        assert_allclose(data.norm, 2.29128784747792 * scale, rtol=1e-14)
        assert_allclose(data.rayleigh, 25 / 21, rtol=1e-13)


@pytest.mark.parametrize("readout", [None, READOUT])
def test_problems_travel_as_json(readout):
    problem = network(3, readout)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem
    assert json.dumps(problem.summary(), allow_nan=False)


def test_arrays_are_copied_and_read_only():
    sigma = SIGMA.copy()
    data = Regression(sigma, W_STAR)
    sigma[0, 0] = 9
    assert data.sigma[0, 0] == 3
    with pytest.raises(ValueError, match="read-only"):
        data.sigma[0, 0] = 9


@pytest.mark.parametrize(
    ("sigma", "w_star", "risk_min", "message"),
    [
        (SIGMA * np.nan, W_STAR, 0, "sigma must be finite, got nan"),
        (SIGMA, W_STAR * np.inf, 0, "w_star must be finite"),
        (SIGMA, W_STAR[:2], 0, r"sigma must be \(d, d\) and w_star \(d,\)"),
        (np.zeros((0, 0)), np.zeros(0), 0, "with d >= 1"),
        (SIGMA + np.eye(3, k=1), W_STAR, 0, "sigma must be symmetric"),
        (-SIGMA, W_STAR, 0, "positive semidefinite, got the eigenvalue -3.64"),
        (SIGMA, W_STAR, -1, "risk_min must be >= 0, got -1"),
    ],
)
def test_impossible_regressions_are_refused(sigma, w_star, risk_min, message):
    with pytest.raises(InputError, match=message):
        Regression(sigma, w_star, float(risk_min))


@pytest.mark.parametrize(
    ("features", "target", "message"),
    [
        (X[0], Y, r"X must have 2 dimension\(s\), got shape \(4,\)"),
        (X, Y[:, None], r"y must have 1 dimension\(s\)"),
        (X, Y[:-1], "X and y must have as many rows, got 20 and 19"),
        (X[:0], Y[:0], "at least one row and one column"),
        (X[:, :0], Y, "at least one row and one column"),
        (np.where(X > 1, np.nan, X), Y, "X must be finite, got nan"),
        (X, np.where(Y > 1, np.inf, Y), "y must be finite, got inf"),
        ([["a"]], [1.0], "X must be an array of numbers"),
    ],
)
def test_impossible_data_are_refused(features, target, message):
    with pytest.raises(InputError, match=message):
        Regression.from_data(features, target)


@pytest.mark.parametrize(
    ("depth", "readout", "message"),
    [
        (0, None, "depth must be >= 1, got 0"),
        (-3, None, "depth must be >= 1, got -3"),
        (2, READOUT[:2], r"readout must have shape \(3,\), got \(2,\)"),
        (2, np.zeros(3), "readout must not be zero"),
        (2, READOUT * np.nan, "readout must be finite"),
    ],
)
def test_impossible_networks_are_refused(depth, readout, message):
    with pytest.raises(InputError, match=message):
        DeepLinear(network(1).regression, depth, readout)
