import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import erf
from tests.oracles.deep_linear import cosines, paper_data, sample_risk

from fathometer.deep_linear import (
    DeepLinear,
    Recording,
    Regression,
    Training,
    descend_batch,
    descend_loss_batch,
    gelu_risk,
)
from fathometer.evidence import InputError

SHAPES = ((4, 5), (3, 4), (1, 3))


def data():
    return tuple(map(jnp.asarray, paper_data()))


def linear_risk(weights, data):
    return sample_risk(*data, weights)


def stacked(*scales):
    return [jnp.stack([scale * matrix for scale in scales]) for matrix in cosines(SHAPES)]


def test_gelu_is_the_one_of_the_paper():
    X, y = paper_data()
    weights = [0.7 * matrix for matrix in cosines(SHAPES)]
    hidden, exact = X, X
    for matrix in weights[:-1]:
        a, b = hidden @ matrix.T, exact @ matrix.T
        hidden = 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))
        exact = 0.5 * b * (1 + erf(b / np.sqrt(2)))
    risks = [np.mean((h @ weights[-1][0] - y) ** 2) for h in (hidden, exact)]
    found = float(gelu_risk([jnp.asarray(m) for m in weights], data()))
    assert_allclose(found, risks[0], rtol=1e-13)
    assert abs(found - risks[1]) > 1e-7


def test_on_the_linear_risk_it_is_the_linear_trainer():
    X, y = paper_data()
    problem = DeepLinear(Regression.from_data(X, y), 3)
    run = descend_loss_batch(linear_risk, stacked(0.5, 0.4), data(), [0.02, 0.05], 40, every=5)
    expected = descend_batch(
        problem, [np.asarray(m) for m in stacked(0.5, 0.4)], [0.02, 0.05], Training(40), Recording(every=5)
    )
    assert_allclose(run.loss, expected.excess_risk + problem.regression.risk_min, rtol=1e-11)
    for found, matrix in zip(run.parameters, expected.weights, strict=True):
        assert_allclose(found, matrix, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
def test_a_gelu_step_follows_the_gradient():
    run = descend_loss_batch(gelu_risk, stacked(0.5), data(), [0.1], 1)
    before = [matrix[0] for matrix in stacked(0.5)]
    slopes = jax.grad(gelu_risk)(before, data())
    for found, old, slope in zip(run.parameters, before, slopes, strict=True):
        assert_allclose(found[0], old - 0.1 * slope, rtol=1e-12)


def test_divergence_is_reported_and_frozen():
    run = descend_loss_batch(gelu_risk, stacked(0.7, 2.0), data(), [0.01, 50.0], 60)
    assert np.isinf(run.diverged_at[0])
    at = int(run.diverged_at[1])
    assert 0 < at < 60
    assert np.all(np.isfinite(run.loss[:at, 1]))
    assert np.all(run.loss[at:, 1] == np.inf)
    shorter = descend_loss_batch(gelu_risk, stacked(0.7, 2.0), data(), [0.01, 50.0], at)
    for frozen, there in zip(run.parameters, shorter.parameters, strict=True):
        assert np.array_equal(frozen[1], there[1], equal_nan=True)
    assert np.isfinite(run.loss[:, 0]).all()


@pytest.mark.parametrize(
    ("steps", "iterations", "every", "message"),
    [
        ([0.0], 1, 1, "steps must be positive"),
        ([0.1], 0, 1, "iterations must be >= 1"),
        ([0.1], 10, 3, "iterations must be a multiple of every = 3"),
        ([0.1, 0.2], 10, 1, "batch axis of the 2 steps"),
    ],
)
def test_bad_values_are_refused(steps, iterations, every, message):
    with pytest.raises(InputError, match=message):
        descend_loss_batch(gelu_risk, stacked(0.5), data(), steps, iterations, every=every)
