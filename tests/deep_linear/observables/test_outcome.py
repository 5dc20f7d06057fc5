import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    Initial,
    MiniBatches,
    Momentum,
    Regression,
    descend,
    excess_risk,
    flow,
    judge_descent,
    judge_flow,
    outcome,
    product,
    reduced_sharpness,
)
from fathometer.evidence import Estimate, InputError, Problem, Status, Trajectory
from tests.oracles.deep_linear import PLAIN, READOUT, UNEVEN, W_STAR, cosines, network, risk
from tests.oracles.deep_linear_flow import DIRECTION

ON_MINIMIZERS = ("sharpness_lower_bound", "minimal_sharpness_exact", "minimal_sharpness_bracket")
ON_PATHS = ("imbalance_increment", "imbalance_drift_bound", "local_lojasiewicz", "descent_limit")
NEXT_TO_THEM = ("descent_stability", "descent_rate")


def statuses(verdicts):
    return {verdict.theorem: verdict.status for _, verdict in verdicts}


@pytest.mark.slow
def test_the_end_of_a_run_that_converged():
    problem, step = network(4), 0.005
    run = descend(problem, tuple(0.7 * matrix for matrix in cosines(PLAIN)), step, 4000, every=4000, store=True)
    end, weights = outcome(run), [run.states[f"W{k}"][-1] for k in range(1, 5)]
    assert end.excess_risk.value < 1e-20
    assert_allclose(end.norm_w.value, np.linalg.norm(W_STAR), rtol=1e-10)
    assert_allclose(end.sharpness.value, reduced_sharpness(problem, weights).value, rtol=1e-6)
    largest = max(np.linalg.norm(b.T @ b - a @ a.T) for a, b in pairwise(weights))
    assert_allclose(end.imbalance.value, largest)
    assert end.diverged_at.value == math.inf
    assert statuses(judge_descent(run, step)) == dict.fromkeys(
        (*ON_MINIMIZERS, *ON_PATHS, *NEXT_TO_THEM, "certified_descent"), Status.HOLDS
    )


@pytest.mark.slow
def test_the_end_of_a_run_that_is_on_its_way():
    problem = network(4)
    run = descend(problem, cosines(UNEVEN), 0.001, 3, every=3, store=True)
    end, weights = outcome(run), [run.states[f"W{k}"][-1] for k in range(1, 5)]
    assert_allclose(end.risk.value, risk(problem, weights), rtol=1e-12)
    assert_allclose(end.excess_risk.value, excess_risk(problem, weights))
    assert_allclose(end.distance.value, np.linalg.norm(product(weights) - W_STAR))
    assert end.sharpness == reduced_sharpness(problem, weights)
    found = statuses(judge_descent(run, 0.001))
    assert {found.pop(name) for name in ON_PATHS[:3]} == {Status.HOLDS}
    assert found.pop("descent_limit") is found.pop("certified_descent") is Status.INAPPLICABLE
    assert found == dict.fromkeys(ON_MINIMIZERS, Status.UNDECIDED)


def test_the_end_of_a_run_that_diverged():
    run = descend(network(4), cosines(UNEVEN), 5.0, 60, every=60, store=True)
    end = outcome(run)
    assert 0 < end.diverged_at.value < 60
    assert all(np.isnan(getattr(end, name).value) for name in ("risk", "excess_risk", "distance", "sharpness"))
    found = statuses(judge_descent(run, 5.0))
    assert found.pop("imbalance_increment") is found.pop("local_lojasiewicz") is Status.HOLDS
    assert found.pop("imbalance_drift_bound") is found.pop("descent_limit") is Status.INAPPLICABLE
    assert set(found.values()) == {Status.UNDECIDED}


@pytest.mark.parametrize("momentum", [Momentum(0.5), Momentum(0.5, nesterov=True)])
def test_a_run_with_momentum(momentum):
    start = tuple(0.7 * matrix for matrix in cosines(PLAIN))
    run = descend(network(4), start, 0.002, 4000, every=4000, store=True, momentum=momentum)
    found = statuses(judge_descent(run, 0.002, momentum=momentum))
    assert found == dict.fromkeys((*ON_MINIMIZERS, "momentum_stability"), Status.HOLDS)


def test_a_run_on_mini_batches_without_noise():
    """With labels without noise, all gradients vanish at the minimizers, and only theorems on those are left."""
    X = np.random.default_rng(0).standard_normal((20, 3))
    problem = DeepLinear(Regression.from_data(X, X @ W_STAR), 3)
    start = [0.5 * matrix for matrix in cosines(((3, 3), (3, 3), (1, 3)))]
    batches = MiniBatches(X, X @ W_STAR, 4, 0)
    run = descend(problem, start, 0.005, 6000, every=6000, store=True, batches=batches)
    assert statuses(judge_descent(run, 0.005, mini_batches=True)) == dict.fromkeys(ON_MINIMIZERS, Status.HOLDS)


@pytest.mark.slow
def test_a_scalar_run_of_descent_has_its_sharpness_judged():
    problem = DeepLinear(Regression(np.eye(1), np.ones(1)), 3)
    run = descend(problem, [np.full((1, 1), 0.7)] * 3, 0.1, 200, every=200, store=True)
    assert statuses(judge_descent(run, 0.1))["gfs_sharpness_monotone"] is Status.HOLDS


@pytest.mark.slow
def test_flows_with_solutions_of_their_own():
    """A balanced start from small weights, with two layers on white data, and a scalar one."""
    balanced = [0.05 * np.outer([1, 0, 0], DIRECTION), 0.05 * np.eye(1, 3)]
    white = judge_flow(flow(network(2, sigma=np.eye(3)), balanced, points=30, store=True))
    assert statuses(white)["balanced_product"] is statuses(white)["riccati_solution"] is Status.HOLDS
    problem = DeepLinear(Regression(np.eye(1), np.ones(1)), 3)
    scalar = statuses(judge_flow(flow(problem, [np.full((1, 1), 0.1)] * 3, points=30, store=True)))
    assert scalar["scalar_limit"] is scalar["balanced_product"] is scalar["early_escape"] is Status.HOLDS
    assert "riccati_solution" not in scalar


@pytest.mark.slow
def test_a_flow_is_judged_by_what_applies_to_it():
    problem = network(3)
    run = flow(problem, [0.5 * matrix for matrix in cosines(((3, 3), (3, 3), (1, 3)))], points=20, store=True)
    found = statuses(judge_flow(run))
    assert found["minimal_sharpness_exact"] is found["imbalance_conserved"] is found["convergence_rate"] is Status.HOLDS
    assert found["certified_convergence"] is found["certified_sharpness"] is Status.HOLDS
    assert len(found) == 16
    assert set(found.values()) <= {Status.HOLDS, Status.VACUOUS, Status.INAPPLICABLE}
    assert outcome(run).excess_risk.value < 1e-10


@pytest.mark.slow
@pytest.mark.parametrize(("distance", "status"), [(1e-3, Status.HOLDS), (1.0, Status.INAPPLICABLE)])
def test_a_flow_of_a_residual_network(distance, status):
    """The theorem is local: it holds next to the readout and says by how much it does not apply elsewhere."""
    readout = READOUT / np.linalg.norm(READOUT)
    problem = DeepLinear(Regression(np.diag([1.0, 0.8, 0.6]), readout + distance * np.ones(3)), 4, readout)
    start = [matrix[0] for matrix in Initial.parse("residual:0").draw(problem, 3, 1, 0)]
    found = statuses(judge_flow(flow(problem, start, points=30, store=True)))
    names = ("residual_pl", "residual_rate", "residual_motion", "residual_sharpness", "residual_flatness")
    assert {name: found[name] for name in names} == dict.fromkeys(names, status)
    assert found["minimal_sharpness_exact"] is Status.HOLDS


@pytest.mark.slow
def test_a_flow_that_ends_at_a_saddle():
    problem = DeepLinear(Regression(np.eye(1), -np.ones(1)), 3, np.ones(1))
    run = flow(problem, [np.eye(1)] * 3, np.linspace(0, 200, 21), store=True)
    found = statuses(judge_flow(run))
    assert found["minimal_sharpness_exact"] is Status.UNDECIDED
    assert found["residual_rate"] is Status.INAPPLICABLE
    assert_allclose(run.states["W2"][-1], 0.00249144, rtol=1e-5)


def test_another_problem_is_refused():
    run = descend(network(4), cosines(UNEVEN), 0.001, 3, store=True)
    with pytest.raises(InputError, match="must be of type DeepLinear"):
        outcome(Trajectory(Problem(), run.axis, run.states, run.origin))
    assert isinstance(outcome(run).risk, Estimate)
