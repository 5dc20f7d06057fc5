import dataclasses
import json
import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DeepLinear,
    MultiOutput,
    MultiOutputRegression,
    Regression,
    as_states,
    balanced_factorization,
    balanced_matrix_flow,
    minimal_sharpness,
    multi_output_bound,
    multi_output_gradient,
    multi_output_sharpness,
    nearest_multi_output_minimizer,
    random_minimizers,
    random_multi_output_minimizers,
    sharpness_at_minimizer,
    whitened_minimal_sharpness,
)
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, InputError, Origin, Status, Theorem, Trajectory
from tests.oracles.deep_linear import SIGMA, W_STAR
from tests.oracles.deep_linear_residual import best_direction, matrix_hessian, matrix_risk

LOWER, FLATTEST = theorem("multi_output_lower_bound"), theorem("whitened_flattest")
TARGET = np.array([[2.0, 1, 0], [0, 1, -1]])


def several(depth, sigma=SIGMA, target=TARGET):
    return MultiOutput(MultiOutputRegression(sigma, target), depth)


def draws(problem, weights):
    axis = Axis(AxisKind.DRAW, np.arange(float(len(weights[0]))))
    return Trajectory(problem, axis, as_states(tuple(weights)), Origin.SIMULATED)


def with_balanced(problem, count, seed):
    """The balanced factorization, padded by zeros to the width of random minimizers, and those."""
    outputs, _ = problem.shape
    many = random_multi_output_minimizers(problem, outputs + 1, count, seed)
    balanced = balanced_factorization(problem.regression.M_star, problem.depth)
    stacked = []
    for matrix, drawn in zip(balanced, many, strict=True):
        padded = np.zeros((1, *drawn.shape[1:]))
        padded[0, : matrix.shape[0], : matrix.shape[1]] = matrix
        stacked.append(np.concatenate([padded, drawn]))
    return tuple(stacked)


def test_data_are_reduced_to_sufficient_statistics():
    generator = np.random.default_rng(0)
    X, Y = generator.normal(size=(30, 3)), generator.normal(size=(30, 2))
    data = MultiOutputRegression.from_data(X, Y)
    for M in generator.normal(size=(5, 2, 3)):
        excess = np.sum(((M - data.M_star) @ data.inputs.root) ** 2)
        assert data.risk_min + excess == pytest.approx(np.sum((Y - X @ M.T) ** 2) / 30, rel=1e-12)
    np.testing.assert_allclose(data.M_star, Y.T @ X / 30 @ np.linalg.inv(data.sigma), rtol=1e-10)
    assert data.explained + data.risk_min == pytest.approx(np.sum(Y**2) / 30, rel=1e-12)


def test_the_oracles_of_the_balanced_factorization():
    """4.12."""
    white, other = several(3, np.eye(3)), several(3)
    balanced = balanced_factorization(TARGET, 3)
    assert multi_output_sharpness(white, balanced).value == pytest.approx(18.2454012449766, rel=1e-13)
    assert whitened_minimal_sharpness(white).value == pytest.approx(18.2454012449766, rel=1e-13)
    assert multi_output_bound(white).value == pytest.approx(18.2454012449766, rel=1e-12)
    assert multi_output_sharpness(other, balanced).value == pytest.approx(65.312812651, abs=5e-10)
    assert multi_output_bound(other).value == pytest.approx(65.0081654851, abs=5e-11)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_sharpness_is_the_top_of_the_full_hessian(depth):
    problem = several(depth)
    batch = random_multi_output_minimizers(problem, 3, 3, depth)
    values = multi_output_sharpness(problem, batch).value
    assert values.shape == (3,)
    for i, value in enumerate(values):
        hessian = matrix_hessian([layer[i] for layer in batch], SIGMA, TARGET)
        assert value == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-11)


def test_the_gradient_is_that_of_the_risk():
    problem = several(3)
    weights = [np.random.default_rng(k).normal(size=shape) for k, shape in enumerate([(4, 3), (5, 4), (2, 5)])]
    expected = jax.grad(lambda layers: matrix_risk(layers, SIGMA, TARGET))([np.asarray(layer) for layer in weights])
    for ours, theirs in zip(multi_output_gradient(problem, weights), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_one_output_is_the_case_known_already(depth):
    single, problem = DeepLinear(Regression(SIGMA, W_STAR), depth), several(depth, target=W_STAR[None])
    bound = multi_output_bound(problem)
    assert bound.value == pytest.approx(minimal_sharpness(single).value, rel=1e-12)
    weights = random_minimizers(single, 2, 10, 0)
    np.testing.assert_allclose(
        multi_output_sharpness(problem, weights).value, sharpness_at_minimizer(single, weights).value, rtol=1e-10
    )


@pytest.mark.parametrize("depth", [2, 3, 7])
@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_the_best_of_a_search(depth, seed):
    generator = np.random.default_rng(seed)
    root, target = generator.normal(size=(4, 4)), generator.normal(size=(3, 4))
    problem = several(depth, root @ root.T, target)
    searched = best_direction(problem.regression.sigma, target, depth, 12, seed)
    bound = multi_output_bound(problem)
    assert bound.value == pytest.approx(searched, rel=1e-6)
    assert searched <= bound.upper
    assert bound.upper / bound.lower - 1 < 1e-9


@given(st.integers(1, 5), st.integers(1, 4), st.integers(2, 6), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_no_minimizer_is_below_the_bound(inputs, outputs, depth, seed):
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(inputs, inputs + 1)) * 10.0 ** generator.uniform(-1, 1, inputs + 1)
    problem = several(depth, root @ root.T, generator.normal(size=(outputs, inputs)))
    bound = multi_output_bound(problem)
    assert bound.upper / bound.lower - 1 < 1e-7
    values = multi_output_sharpness(problem, random_multi_output_minimizers(problem, outputs + 1, 20, seed)).value
    assert np.min(values) >= bound.lower


def test_rotations_change_nothing():
    rotation, other = (np.linalg.qr(np.random.default_rng(k).normal(size=(n, n)))[0] for k, n in ((0, 3), (1, 2)))
    turned = several(4, rotation @ SIGMA @ rotation.T, other @ TARGET @ rotation.T)
    assert multi_output_bound(turned).value == pytest.approx(multi_output_bound(several(4)).value, rel=1e-11)


def test_data_that_explain_nothing_bound_nothing():
    assert multi_output_bound(several(3, target=np.zeros((2, 3)))).value == 0
    assert multi_output_bound(several(1)).value == pytest.approx(2 * np.linalg.eigvalsh(SIGMA)[-1])


def test_the_nearest_minimizer_is_one():
    problem = several(3)
    weights = [np.random.default_rng(k).normal(size=(*s,)) for k, s in enumerate([(2, 3), (2, 2), (2, 2)])]
    moved = nearest_multi_output_minimizer(problem, weights)
    np.testing.assert_allclose(np.linalg.multi_dot(moved[::-1]), TARGET, atol=1e-12)
    again = nearest_multi_output_minimizer(problem, moved)
    np.testing.assert_allclose(again[0], moved[0], atol=1e-12)


def test_the_bound_holds_for_minimizers():
    verdict = LOWER.test(draws(several(4), random_multi_output_minimizers(several(4), 3, 300, 0)))
    assert verdict.status is Status.HOLDS
    assert verdict.margin > 0


def test_the_bound_turned_round_is_violated():
    wrong = dataclasses.replace(LOWER, predict=lambda problem, axis: AtMost(LOWER.predict(problem, axis).bound))
    verdict = wrong.test(draws(several(4), random_multi_output_minimizers(several(4), 3, 30, 0)))
    assert verdict.status is Status.VIOLATED


def test_a_bound_of_zero_says_nothing_and_wide_bars_leave_it_open():
    nothing = several(3, target=np.zeros((2, 3)))
    assert LOWER.judge(nothing, Estimate.exact(1.0)).status is Status.VACUOUS
    assert LOWER.judge(several(3), Estimate.heuristic(70.0, 60.0, 80.0)).status is Status.UNDECIDED


@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_the_balanced_factorization_is_flattest_on_white_data(depth):
    problem = several(depth, 2.5 * np.eye(3))
    verdict = FLATTEST.test(draws(problem, with_balanced(problem, 200, 0)))
    assert verdict.status is Status.HOLDS
    without = draws(problem, random_multi_output_minimizers(problem, 3, 200, 0))
    assert FLATTEST.test(without).status is (Status.HOLDS if depth == 1 else Status.UNDECIDED)


def test_flattest_on_other_data_is_not_claimed():
    verdict = FLATTEST.judge(several(3), Estimate.exact(65.3))
    assert verdict.status is Status.INAPPLICABLE
    assert "sigma is a multiple of the identity" in verdict.explanation
    assert verdict.margin < -0.5
    nothing = FLATTEST.judge(several(3, np.eye(3), np.zeros((2, 3))), Estimate.exact(0.0))
    assert "M_star is not zero" in nothing.explanation
    vague = FLATTEST.judge(several(3, np.eye(3)), Estimate.heuristic(18.2, 18.0, 19.0))
    assert vague.status is Status.UNDECIDED


@pytest.mark.slow
def test_residual_networks_from_zero_reach_the_flattest_minimum():
    """4.11 (e): W = I, sigma = I, M_star symmetric positive definite with eigenvalues 3, 1.5, 0.4, L = 4."""
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    problem = several(4, np.eye(3), basis * [3, 1.5, 0.4] @ basis.T)
    limit = balanced_matrix_flow(problem, np.eye(3), [0.0, 10.0, 20.0]).states["M"][-1]
    sharpness = multi_output_sharpness(problem, balanced_factorization(limit, 4))
    assert sharpness.value == pytest.approx(41.5692193817, abs=1e-9)
    assert FLATTEST.judge(problem, sharpness).status is Status.HOLDS


@pytest.mark.parametrize("statement", [LOWER, FLATTEST], ids=lambda t: t.id)
def test_theorems_are_data_about_several_outputs(statement):
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement
    with pytest.raises(InputError, match="the problem must be of type MultiOutput, got DeepLinear"):
        statement.judge(DeepLinear(Regression(SIGMA, W_STAR), 2), Estimate.exact(1.0))


def test_a_network_with_several_outputs_survives_json():
    problem = several(3)
    assert MultiOutput.from_json(json.loads(json.dumps(problem.to_json()))) == problem


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MultiOutputRegression(np.eye(2), TARGET), r"sigma must be \(d, d\) and M_star \(o, d\)"),
        (lambda: MultiOutputRegression(np.diag([1.0, -1, 1]), TARGET), "sigma must be positive semidefinite"),
        (lambda: MultiOutputRegression(SIGMA, TARGET, -1.0), "risk_min must be >= 0"),
        (lambda: MultiOutputRegression(SIGMA, np.full((2, 3), math.inf)), "M_star must be finite"),
        (lambda: MultiOutputRegression.from_data(np.ones((3, 2)), np.ones((4, 1))), "as many rows, got 3 and 4"),
        (lambda: MultiOutputRegression.from_data(np.ones((3, 2)), np.ones(3)), "Y must have 2 dimension"),
        (lambda: MultiOutputRegression.from_data(np.ones((0, 2)), np.ones((0, 1))), "must not be empty"),
        (lambda: several(0), "depth must be >= 1, got 0"),
        (lambda: multi_output_sharpness(several(2), [np.eye(3)]), "weights must be 2 matrices, got 1"),
        (lambda: multi_output_sharpness(several(1), [np.eye(3)]), r"W_1 must have 2 row\(s\), got 3"),
        (lambda: multi_output_sharpness(several(2), [np.eye(2), np.eye(2)]), "W_1 must have 3 columns"),
        (lambda: multi_output_sharpness(several(1), [np.ones((2, 3))]), "weights must be global minimizers"),
        (lambda: random_multi_output_minimizers(several(2), 1, 3, 0), "range contains that of M_star"),
        (lambda: whitened_minimal_sharpness(several(2)), "sigma must be a multiple of the identity"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
