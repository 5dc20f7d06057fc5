import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import cosines, paper_data

from fathometer.deep_linear import DeepLinear, MiniBatches, Recording, Regression, Training, descend_batch, gradient
from fathometer.deep_linear.dynamics.descent._stochastic import drawn_samples
from fathometer.evidence import InputError


def data():
    X, y = paper_data(20, 3)
    return X, y, Regression.from_data(X, y)


@pytest.mark.slow
def test_each_step_follows_the_gradient_on_its_samples():
    X, y, regression = data()
    problem, batches = DeepLinear(regression, 3), MiniBatches(X, y, 4, 3)
    weights = tuple(0.5 * matrix for matrix in cosines(((2, 3), (3, 2), (1, 3))))
    run = descend_batch(problem, weights, [0.05, 0.02], Training(6, batches=batches))
    packed = batches.packed(problem)
    for i, eta in enumerate([0.05, 0.02]):
        now = weights
        for t in range(6):
            chosen = np.asarray(drawn_samples(packed, jnp.asarray(float(t)), 4, 2))[:, i]
            small = DeepLinear(Regression.from_data(X[chosen], y[chosen]), 3)
            now = [w - eta * slope for w, slope in zip(now, gradient(small, now), strict=True)]
        for found, expected in zip(run.weights, now, strict=True):
            assert_allclose(found[i], expected, rtol=1e-10, atol=1e-12)


def test_for_one_layer_the_mean_over_runs_is_full_descent():
    X, y, regression = data()
    problem, runs = DeepLinear(regression, 1), 4000
    start = (np.zeros((1, 3)),)
    noisy = descend_batch(
        problem, start, np.full(runs, 0.05), Training(30, batches=MiniBatches(X, y, 2, 0)), Recording(every=30)
    )
    full = descend_batch(problem, start, [0.05], Training(30), Recording(every=30))
    ends = noisy.weights[0][:, 0]
    error = ends.std(axis=0) / np.sqrt(runs)
    assert np.all(error > 1e-3)
    assert np.all(np.abs(ends.mean(axis=0) - full.weights[0][0, 0]) < 5 * error)


def test_the_recorded_risk_is_that_of_all_samples():
    X, y, regression = data()
    problem = DeepLinear(regression, 2)
    run = descend_batch(
        problem,
        cosines(((2, 3), (1, 2))),
        [0.02],
        Training(10, batches=MiniBatches(X, y, 1, 0)),
        Recording(every=5, store=True),
    )
    w = np.einsum("rbij,rbki->rbkj", run.stored[0], run.stored[1])[:, 0, 0]
    risks = np.mean((w @ X.T - y) ** 2, axis=1)
    assert_allclose(run.excess_risk[:, 0] + regression.risk_min, risks, rtol=1e-10)


def test_runs_and_seeds_differ():
    X, y, regression = data()
    problem, start = DeepLinear(regression, 1), (np.zeros((1, 3)),)
    ends = [
        descend_batch(problem, start, [0.05] * 2, Training(3, batches=MiniBatches(X, y, 2, s))).weights[0]
        for s in (0, 0, 1)
    ]
    assert np.array_equal(ends[0], ends[1])
    assert not np.allclose(ends[0][0], ends[0][1])
    assert not np.allclose(ends[0], ends[2])


def test_bad_values_are_refused():
    X, y, regression = data()
    with pytest.raises(InputError, match="size must be >= 1"):
        MiniBatches(X, y, 0, 0)
    with pytest.raises(InputError, match=r"X must be \(n, d\) and y \(n,\)"):
        MiniBatches(X, y[:-1], 1, 0)
    with pytest.raises(InputError, match="must come from the data of the problem"):
        descend_batch(
            DeepLinear(regression, 1), (np.zeros((1, 3)),), [0.1], Training(1, batches=MiniBatches(2 * X, y, 1, 0))
        )
