"""Oscillations of networks next to their flattest minimizers, and the drift to flatter ones."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import dense_hessian

from fathometer.deep_linear import BeyondStep, DeepLinear, Oscillation, Regression, mean_curvature, settle
from fathometer.deep_linear.predictions.sharpness._minimizers import flattest_minimizer
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems.edge import network_oscillation, period_two_curvature, scalar_imbalance_factor
from fathometer.evidence import InputError, Status


def test_the_mean_hessian_between_the_points_has_the_eigenvalue_2_over_step():
    """By dense Hessians at 40 points of the segment, and as an eigenvector."""
    run = _edge_examples.oscillation()
    problem = run.problem
    between = np.concatenate([matrix.ravel() for matrix in problem.between])
    shares = (np.arange(40) + 0.5) / 40
    at = [[b + t * u for b, u in zip(problem.second, problem.between, strict=True)] for t in shares]
    mean = np.mean([dense_hessian(problem.network, weights) for weights in at], axis=0)
    assert_allclose(mean @ between, 2 / problem.step * between, atol=1e-3 * np.linalg.norm(between) / problem.step)
    assert_allclose(mean_curvature(problem).value, 2 / problem.step, rtol=1e-6)


def test_two_points_that_are_no_oscillation_are_no_example():
    bent = dataclasses.replace(_edge_examples.no_oscillation(), step=0.2)
    assert not bent.defect < 1e-3
    same = Oscillation(bent.network, bent.first, bent.first, 0.1)
    assert np.isinf(same.defect)
    assert np.isnan(mean_curvature(same).value)


def test_an_imbalance_shrinks_step_by_step_to_a_flatter_minimizer():
    run = _edge_examples.scalar_oscillation()
    w = np.stack([run.states[f"W{k}"][:, 0, 0] for k in (1, 2, 3)])
    largest = np.ptp(w**2, axis=0)
    assert np.all(np.diff(largest) < 1e-12)
    assert largest[-1] < 0.6 * largest[0]
    verdict = scalar_imbalance_factor.THEOREM.test(
        dataclasses.replace(run, states={**run.states, "W1": run.states["W2"]})
    )
    assert verdict.status is Status.VIOLATED


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_amplitudes_of_random_data_widths_and_depths(seed):
    generator = np.random.default_rng(seed)
    d, depth, width = int(generator.integers(1, 4)), int(generator.integers(2, 6)), int(generator.integers(1, 4))
    X = generator.normal(size=(20, d))
    problem = DeepLinear(Regression.from_data(X, X @ generator.normal(size=d) + generator.normal(size=20)), depth)
    weights = flattest_minimizer(problem, width)
    sharpness = BeyondStep(problem, weights, 1.0).excess + 2
    run = settle(BeyondStep(problem, weights, 2.02 / sharpness))
    verdict = network_oscillation.THEOREM.test(run)
    assert verdict.status in (Status.HOLDS, Status.INAPPLICABLE), verdict.explanation


def test_a_step_that_diverges_is_refused():
    problem = _edge_examples.network()
    far = BeyondStep(problem, flattest_minimizer(problem, 2), 5.0)
    with pytest.raises(InputError, match="step must be one that does not diverge, got 5"):
        settle(far, 250)
    with pytest.raises(InputError, match="step must be > 0"):
        dataclasses.replace(far, step=-1.0)


@pytest.mark.slow
def test_the_curvature_between_is_judged():
    run = _edge_examples.oscillation()
    assert period_two_curvature.THEOREM.test(run).status is Status.HOLDS
    off = dataclasses.replace(run.problem, step=run.problem.step * (1 + 1e-9))
    assert period_two_curvature.THEOREM.test(dataclasses.replace(run, problem=off)).status is Status.HOLDS
