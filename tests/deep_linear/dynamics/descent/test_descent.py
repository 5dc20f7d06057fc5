import time

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import (
    PLAIN,
    READOUT,
    UNEVEN,
    W_STAR,
    cosines,
    descend_on_samples,
    network,
    paper_data,
)

from fathometer.deep_linear import (
    EXCESS_RISK,
    SHARPNESS,
    DeepLinear,
    Recording,
    Regression,
    Training,
    descend,
    descend_batch,
    excess_risk,
    gradient,
    minimal_sharpness,
    product,
    sharpness_at_minimizer,
    tangent_kernel,
)
from fathometer.evidence import Estimate, InputError, Origin, Trajectory

LIMIT = 6.25e10
"""1e10 times the risk of w = 0 on the fixed instance."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "shapes", [((1, 5),), ((3, 5), (1, 3)), ((2, 5), (4, 2), (1, 4)), ((3, 5), (2, 3), (4, 2), (3, 4), (1, 3))]
)
def test_agrees_with_autodiff_on_the_samples(shapes):
    X, y = paper_data()
    problem = DeepLinear(Regression.from_data(X, y), len(shapes))
    weights = tuple(0.6 * matrix for matrix in cosines(shapes))
    risks, end = descend_on_samples(X, y, weights, 0.02, 40)
    run = descend_batch(problem, weights, [0.02, 0.01], Training(40), Recording(every=5))
    assert_allclose(run.excess_risk[:, 0] + problem.regression.risk_min, risks[::5], rtol=1e-11)
    for found, expected in zip(run.weights, end, strict=True):
        assert_allclose(found[0], expected, rtol=1e-10, atol=1e-12)
    assert not np.allclose(run.weights[0][0], run.weights[0][1])


@pytest.mark.parametrize("shapes", [((3, 3),), ((3, 3), (3, 3)), ((2, 3), (4, 2), (3, 4))])
def test_a_step_with_a_readout_follows_the_gradient(shapes):
    problem, weights = network(len(shapes), READOUT), cosines(shapes)
    run = descend_batch(problem, weights, [0.01], Training(1))
    for found, before, slope in zip(run.weights, weights, gradient(problem, weights), strict=True):
        assert_allclose(found[0], before - 0.01 * slope, rtol=1e-13, atol=1e-14)


def test_the_imbalance_moves_by_exactly_the_square_of_the_step():
    problem, weights, eta = network(4), cosines(UNEVEN), 0.01
    slopes = gradient(problem, weights)
    after = [matrix[0] for matrix in descend_batch(problem, weights, [eta], Training(1)).weights]
    for k in range(3):
        before = weights[k + 1].T @ weights[k + 1] - weights[k] @ weights[k].T
        moved = after[k + 1].T @ after[k + 1] - after[k] @ after[k].T
        increment = eta**2 * (slopes[k + 1].T @ slopes[k + 1] - slopes[k] @ slopes[k].T)
        assert_allclose(moved - before, increment, atol=1e-14)


def test_each_run_of_a_batch_has_its_own_weights():
    problem = network(4)
    both = tuple(np.stack([matrix, 0.5 * matrix]) for matrix in cosines(UNEVEN))
    run = descend_batch(problem, both, [0.003, 0.003], Training(20))
    for i in range(2):
        alone = descend_batch(problem, [matrix[i] for matrix in both], [0.003], Training(20))
        assert_allclose(run.excess_risk[:, i], alone.excess_risk[:, 0], rtol=1e-12)


def test_a_trajectory_of_one_run():
    problem, weights = network(4), tuple(0.7 * matrix for matrix in cosines(PLAIN))
    trajectory = descend(problem, weights, 0.005, 4000, every=100, store=True)
    assert trajectory.origin is Origin.TRAINED
    assert_allclose(trajectory.axis.points, np.arange(0, 4001, 100))
    excess = trajectory.observe(EXCESS_RISK).value
    assert_allclose(excess[0], excess_risk(problem, weights), rtol=1e-13)
    assert excess[-1] < 1e-20
    kept = [trajectory.states[f"W{k}"] for k in range(1, 5)]
    assert_allclose(excess, excess_risk(problem, kept), rtol=1e-6, atol=1e-22)
    assert_allclose(
        trajectory.observed["distance"].value, np.linalg.norm(product(kept) - W_STAR, axis=1), rtol=1e-6, atol=1e-11
    )
    assert trajectory.event("diverged") == Estimate.enclosed(np.inf, 4000.0, np.inf)
    end = [matrix[-1] for matrix in kept]
    assert sharpness_at_minimizer(problem, end).value > minimal_sharpness(problem).value
    with pytest.raises(InputError, match="weights must be global minimizers"):
        trajectory.observe(SHARPNESS)
    assert Trajectory.from_json(trajectory.to_json()) == trajectory


def test_states_are_kept_on_request_only():
    trajectory = descend(network(4), cosines(PLAIN), 0.001, 10)
    assert trajectory.states == {}
    with pytest.raises(InputError, match="'sharpness' was not observed"):
        trajectory.observe(SHARPNESS)


def test_the_last_rate_is_that_of_the_kernel():
    problem, weights, eta = network(4), tuple(0.7 * matrix for matrix in cosines(PLAIN)), 0.005
    run = descend_batch(problem, weights, [eta], Training(4000), Recording(every=2000))
    end, root = [matrix[0] for matrix in run.weights], problem.regression.root
    slowest = 2 * np.linalg.eigvalsh(root @ tangent_kernel(problem, end) @ root)[0]
    late = descend_batch(problem, weights, [eta], Training(1000), Recording(every=1)).excess_risk[:, 0]
    assert_allclose(late[401] / late[400], (1 - eta * slowest) ** 2, rtol=1e-4)


def test_divergence_is_reported_with_its_step_and_frozen():
    problem, weights = network(3), cosines(((3, 3), (3, 3), (1, 3)))
    run = descend_batch(problem, weights, [0.001, 0.3, 5.0], Training(60))
    assert np.isinf(run.diverged_at[0])
    assert np.all(np.isfinite(run.excess_risk[:, 0]))
    for i in (1, 2):
        at = int(run.diverged_at[i])
        assert np.all(run.excess_risk[:at, i] <= LIMIT)
        assert np.all(np.isinf(run.excess_risk[at:, i]))
        assert np.all(np.isnan(run.distance[at:, i]))
        before = [matrix[i] for matrix in descend_batch(problem, weights, [0.001, 0.3, 5.0], Training(at)).weights]
        for frozen, matrix in zip(run.weights, before, strict=True):
            assert np.array_equal(frozen[i], matrix)
        assert not excess_risk(problem, before) <= LIMIT


def test_divergence_of_one_run_is_an_event():
    problem, weights = network(3), cosines(((3, 3), (3, 3), (1, 3)))
    trajectory = descend(problem, weights, 0.3, 60, every=20)
    at = trajectory.event("diverged")
    assert 0 < at.value < 20
    assert trajectory.events[0].detail == "risk above 6.25e+10 or NaN"
    assert trajectory.observed["excess_risk"].lower[1] == LIMIT
    assert trajectory.observed["excess_risk"].value[1] == np.inf


def test_nan_counts_as_divergence():
    weights = (np.full((1, 3), 1e200), np.full((1, 1), 1e200))
    assert descend_batch(network(2), weights, [0.1], Training(3)).diverged_at[0] == 0


def test_large_targets_are_no_divergence():
    problem = DeepLinear(Regression(np.eye(2), np.array([1e7, 0.0]), 1e13), 2)
    trajectory = descend(problem, (np.full((1, 2), 100.0), np.ones((1, 1))), 1e-9, 10)
    assert trajectory.events == ()


def test_depth_64_compiles_fast_and_again_not_at_all():
    weights = (np.ones((3, 10)), *[np.eye(3)] * 62, np.ones((1, 3)))
    problem = DeepLinear(Regression(np.eye(10), np.ones(10)), 64)
    started = time.process_time()  # which other work on the machine leaves alone
    descend_batch(problem, weights, [1e-9] * 7, Training(2), Recording(every=2))
    assert time.process_time() - started < 8.0
    started = time.process_time()
    descend_batch(problem, weights, [1e-9] * 7, Training(50), Recording(every=50))
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("steps", "iterations", "every", "message"),
    [
        ([0.0], 1, 1, "steps must be positive"),
        ([], 1, 1, "steps must be positive and at least one"),
        ([np.nan], 1, 1, "steps must be finite"),
        ([0.1], 0, 1, "iterations must be >= 1"),
        ([0.1], 10, 0, "every must be >= 1"),
        ([0.1], 10, 3, "iterations must be a multiple of every = 3, got 10"),
    ],
)
def test_bad_numbers_are_refused(steps, iterations, every, message):
    with pytest.raises(InputError, match=message):
        descend_batch(network(4), cosines(PLAIN), steps, Training(iterations), Recording(every=every))


def test_bad_weights_and_steps_of_one_run_are_refused():
    with pytest.raises(InputError, match="no batch axis or one of 2, as many as steps, got"):
        descend_batch(network(4), [np.stack([m] * 3) for m in cosines(PLAIN)], [0.1, 0.2], Training(1))
    with pytest.raises(InputError, match="step must be > 0, got -1"):
        descend(network(4), cosines(PLAIN), -1.0, 1)
    with pytest.raises(InputError, match="weights must be 4 matrices"):
        descend(network(4), cosines(UNEVEN)[:2], 0.1, 1)
