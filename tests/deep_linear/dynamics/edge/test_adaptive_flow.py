"""Central flows of scalar RMSProp, Adam and heavy ball."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import AdaptiveEdge, DeepLinear, Regression, run_at_adaptive_edge, settle_at_adaptive_edge
from fathometer.deep_linear.theorems import _edge_examples, _examples
from fathometer.deep_linear.theorems.edge import adaptive_central_flow, adaptive_edge
from fathometer.evidence import InputError, Status

WEIGHTS = (np.array([[1.0, 0.2]]), np.array([[1.0]]))


def network(slow):
    return DeepLinear(Regression(np.diag([1.0, slow]), np.array([1.0, 1.5])), 2)


@pytest.mark.slow
def test_with_a_scale_that_stays_it_is_the_central_flow_of_descent():
    descent = _examples.at_the_edge()
    start = descent.problem
    run = run_at_adaptive_edge(AdaptiveEdge(start.network, start.weights, 1.0, start.step, 1.0), len(descent.axis) - 1)
    assert_allclose(run.states["W1"], descent.states["W1"], atol=1e-12)
    assert_allclose(run.observed["distance"].value, descent.observed["distance"].value, atol=1e-12)


@pytest.mark.slow
def test_the_effective_sharpness_of_the_centre_stays_at_its_limit():
    run = _edge_examples.rmsprop_at_edge()
    start = run.problem
    for index in (0, 200, 400):
        weights = tuple(run.states[f"W{k}"][index] for k in (1, 2))
        here = dataclasses.replace(start, weights=weights, variance=float(run.states["variance"][index]))
        assert_allclose(here.top_curvatures[0], 1.0, rtol=1e-4)
    squares = [np.mean(run.observed[name].value[200:] ** 2) for name in ("oscillation", "swing")]
    assert_allclose(squares[1], squares[0], rtol=0.02)


def test_the_stable_flow_is_no_central_flow():
    run = _edge_examples.rmsprop_at_edge()
    observed = dict(run.observed) | {"distance": run.observed["flow_distance"]}
    verdict = adaptive_central_flow.THEOREM.test(dataclasses.replace(run, observed=observed, twins=()))
    assert verdict.status is Status.VIOLATED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slow", "step", "beta2", "beta1"),
    [
        (0.003, 0.01, 0.99, 0.0),
        (0.0001, 0.01, 0.95, 0.9),
        (0.0005, 0.01, 0.99, 0.9),
        (0.0003, 0.01, 0.99, 0.5),
        (0.0003, 1.0, 1.0, 0.9),
        (0.0003, 1.0, 1.0, 0.5),
    ],
)
def test_adam_and_heavy_ball_follow_theirs_on_average(slow, step, beta2, beta1):
    run = run_at_adaptive_edge(settle_at_adaptive_edge(network(slow), WEIGHTS, step, beta2, beta1), 400)
    followed, hovers = (module.THEOREM.test(run) for module in (adaptive_central_flow, adaptive_edge))
    assert followed.status is Status.HOLDS, followed.explanation
    bursts = beta1 > 0 and beta2 > 0.95  # then the mean over 200 steps is that of a few bursts
    assert hovers.status in ((Status.HOLDS, Status.UNDECIDED) if bursts else (Status.HOLDS,)), hovers.explanation


def test_limits_are_those_of_the_methods():
    free = AdaptiveEdge(network(0.1), WEIGHTS, 1.0, 0.1, 0.99)
    assert free.limit == 2
    assert_allclose(dataclasses.replace(free, beta1=0.9).limit, 38)
    with pytest.raises(InputError, match="beta2 must be > 0 and <= 1, got 0"):
        dataclasses.replace(free, beta2=0)
    with pytest.raises(InputError, match="beta1 must be"):
        dataclasses.replace(free, beta1=1.0)
    with pytest.raises(InputError, match="variance must be > 0"):
        dataclasses.replace(free, variance=0)
    with pytest.raises(InputError, match="steps must be >= 1, got 0"):
        settle_at_adaptive_edge(network(0.1), WEIGHTS, 0.1, 0.9, steps=0)
    with pytest.raises(InputError, match="iterations must be >= 1, got 0"):
        run_at_adaptive_edge(free, 0)
