import dataclasses
import json
import math
from itertools import pairwise

import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DeepLinear,
    GuaranteedDescent,
    LogisticStart,
    MultiOutput,
    MultiOutputRegression,
    OneNeuron,
    Regression,
    balanced_factorization,
    balanced_sharpness,
    logistic_flow,
    one_neuron_bounds,
    one_neuron_limit,
    one_neuron_sharpness,
    run_guaranteed_descent,
)
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Status,
    Theorem,
    Trajectory,
    Within,
)
from tests.oracles.deep_linear import SIGMA, W_STAR, network
from tests.oracles.deep_linear_residual import flow, integrate

ONE_NEURON, GUARANTEED, ALIGNMENT = map(theorem, ("one_neuron_bounds", "arora_convergence", "alignment_logistic"))
TIMES = np.array([0.0, 1.0, 20.0])


def one_neuron(depth, *factors):
    """u = 0.5 Sigma-free direction, v_k as given."""
    weights = (0.5 * np.array([[0.3, -0.9, 0.2]]), *(np.full((1, 1), factor) for factor in factors))
    return OneNeuron(network(depth), weights)


def run(problem):
    return flow(problem, problem.network, problem.weights, TIMES)


@pytest.mark.parametrize("factors", [(0.7,), (1.5,), (0.1,), (0.5, 0.8), (0.6, 0.9, 0.4, 1.1)])
def test_the_limit_of_one_neuron_per_layer_is_known(factors):
    problem = one_neuron(len(factors) + 1, *factors)
    verdict = ONE_NEURON.test(run(problem))
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert verdict.measured.value == pytest.approx(one_neuron_sharpness(problem).value, rel=1e-7)
    lower, upper = one_neuron_bounds(problem)
    assert lower < verdict.measured.value < upper
    assert np.sum(np.log(one_neuron_limit(problem))) == pytest.approx(2 * math.log(problem.network.regression.norm))


@pytest.mark.parametrize("depth", [2, 3, 7])
def test_from_a_balanced_start_it_is_the_balanced_sharpness(depth):
    weights = (0.1 * np.array([[0.0, -0.6, 0.8]]), *(np.full((1, 1), 0.1),) * (depth - 1))
    problem = OneNeuron(network(depth), weights)
    exact = one_neuron_sharpness(problem).value
    assert exact == pytest.approx(balanced_sharpness(problem.network).value, rel=1e-12)
    data, m = problem.network.regression, problem.network.regression.norm
    top, q = data.lambda_max * m ** (2 - 2 / depth), (depth - 1) * m ** (-2 / depth)
    lower, upper = one_neuron_bounds(problem)
    assert lower == pytest.approx(2 * (top + q * data.q_modes[-1] ** 2), rel=1e-12)
    assert upper == pytest.approx(2 * (top + q * data.explained), rel=1e-12)
    assert lower <= exact <= upper


@pytest.mark.parametrize("v", [0.05, 0.5, 3.0])
def test_two_layers_in_closed_form(v):
    problem = one_neuron(2, v)
    data = problem.network.regression
    imbalance = float(np.sum(problem.weights[0] ** 2)) - v**2
    square = (math.sqrt(imbalance**2 + 4 * data.norm**2) - imbalance) / 2
    matrix = square * SIGMA + np.outer(data.q, data.q) / square
    assert one_neuron_sharpness(problem).value == pytest.approx(2 * np.linalg.eigvalsh(matrix)[-1], rel=1e-11)


@pytest.mark.parametrize(
    ("start", "sharpness"),
    [
        ((1, 0.5), 12.20911544707478),
        ((1, 0.5, 0.25), 23.29078594420941),
        ((2, 1, 0.5, 0.25), 42.83838120419454),
        ((0.1, 0.2, 0.3, 0.4, 0.5), 45.56556633131891),
    ],
)
def test_scalar_networks_end_where_the_table_says(start, sharpness):
    """4.6: m = 2, a = 1.5."""
    problem = OneNeuron(
        DeepLinear(Regression(np.full((1, 1), 1.5), np.full(1, 2.0)), len(start)),
        tuple(np.full((1, 1), float(w)) for w in start),
    )
    assert one_neuron_sharpness(problem).value == pytest.approx(sharpness, rel=1e-12)


def test_a_start_worse_than_nothing_is_outside():
    problem = OneNeuron(network(3), (np.array([[-1.0, 2, 0]]), np.ones((1, 1)), np.ones((1, 1))))
    verdict = ONE_NEURON.judge(problem, Estimate.exact(30.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "the start is better than w = 0" in verdict.explanation
    flat = OneNeuron(network(2, sigma=np.diag([0.0, 1, 1])), (np.array([[0.0, -1, 0]]), np.ones((1, 1))))
    assert "sigma is positive definite" in ONE_NEURON.judge(flat, Estimate.exact(30.0)).explanation


def test_one_neuron_bounds_beside_the_truth_are_violated():
    problem = one_neuron(3, 0.5, 0.8)
    wrong = dataclasses.replace(
        ONE_NEURON, predict=lambda problem, axis: Within(0.0, 0.9 * one_neuron_bounds(problem)[0])
    )
    assert wrong.test(run(problem)).status is Status.VIOLATED
    assert ONE_NEURON.judge(problem, Estimate.heuristic(30.0, 0.0, 1e3)).status is Status.UNDECIDED


def test_very_unequal_weights_have_a_limit():
    problem = one_neuron(4, 1e8, 1.0, 1e-8)
    assert np.sum(np.log(one_neuron_limit(problem))) == pytest.approx(2 * math.log(problem.network.regression.norm))


def guaranteed(step_share=1.0, target=None, distance=0.2, unbalance=1.0, sigma=None):
    M_star = np.diag([1.2, 1.0]) if target is None else target
    problem = MultiOutput(MultiOutputRegression(np.eye(2) if sigma is None else sigma, M_star), 3)
    first, *rest = balanced_factorization(M_star + distance * np.array([[0.6, 0.0], [0.0, -0.8]]), 3)
    weights = (unbalance * first, rest[0], rest[1] / unbalance)
    step = step_share * (GuaranteedDescent(problem, weights, 1.0).allowed_step or 1e-3)
    return GuaranteedDescent(problem, weights, step)


def test_guaranteed_descent_converges_as_promised():
    start = guaranteed(sigma=2 * np.eye(2))
    trajectory = run_guaranteed_descent(start, 20_000, every=1000)
    verdict = GUARANTEED.test(trajectory)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert start.margin == pytest.approx(1.0 - 0.2)
    assert verdict.measured.value[-1] < verdict.prediction.bound.value[-1] < 1


def test_the_rate_turned_round_is_violated():
    trajectory = run_guaranteed_descent(guaranteed(), 2000, every=500)
    wrong = dataclasses.replace(
        GUARANTEED, predict=lambda problem, axis: AtLeast(np.exp(-problem.rate * axis.points / 2))
    )
    assert wrong.test(trajectory).status is Status.VIOLATED


def test_units_of_the_risk_do_not_matter():
    ours, doubled = guaranteed(), guaranteed(sigma=2 * np.eye(2))
    assert ours.rate == pytest.approx(doubled.rate)
    assert ours.allowed_step == pytest.approx(2 * doubled.allowed_step)
    assert ours.allowed_step == pytest.approx(0.8 ** (10 / 3) / (6144 * 27 * 2.44 ** (7 / 3)) / 2, rel=1e-12)
    assert ours.allowed_imbalance == pytest.approx(0.64 / (256 * 27 * 2.44 ** (2 / 3)), rel=1e-12)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (guaranteed(step_share=1.01), "the step is at most what is allowed"),
        (guaranteed(distance=1.1), "the deficiency margin is positive"),
        (guaranteed(unbalance=1.05), "the imbalance is at most what is allowed"),
        (guaranteed(sigma=np.diag([1.0, 1.1])), "sigma is a multiple of the identity"),
    ],
)
def test_guaranteed_descent_has_its_hypotheses(start, name):
    axis = Axis(AxisKind.STEP, np.arange(2.0))
    verdict = GUARANTEED.judge(start, Estimate.exact([1.0, 0.9], along=axis))
    assert verdict.status is Status.INAPPLICABLE
    assert name in [check.hypothesis[: len(name)] for check in verdict.checks if check.answer == "fails"]


def test_hidden_layers_must_be_wide_enough():
    problem = MultiOutput(MultiOutputRegression(np.eye(2), np.eye(2)), 2)
    narrow = GuaranteedDescent(problem, (np.ones((1, 2)), np.ones((2, 1))), 1e-9)
    assert narrow.narrowest == -1
    single = GuaranteedDescent(MultiOutput(problem.regression, 1), (0.9 * np.eye(2),), 1e-9)
    assert single.narrowest >= 0
    assert single.imbalance == 0


def test_the_guaranteed_rate_needs_steps_and_room():
    with pytest.raises(InputError, match="the rate of decay needs a measurement along steps"):
        GUARANTEED.judge(guaranteed(), Estimate.exact(1.0))
    axis = Axis(AxisKind.STEP, np.arange(2.0))
    vague = Estimate.heuristic(np.array([1.0, 0.9]), 0.0, 2.0, along=axis)
    assert GUARANTEED.judge(guaranteed(), vague).status is Status.UNDECIDED


def classifier(separable=True, seed=0, scale=0.5):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(30, 3))
    y = np.sign(X @ np.array([1.0, -0.5, 0.3]) + 1e-3)
    X = X + 0.3 * y[:, None] * np.array([1.0, -0.5, 0.3])
    y = y if separable else -y * np.sign(generator.normal(size=30))
    weights = [scale * generator.normal(size=shape) for shape in ((4, 3), (4, 4), (1, 4))]
    return LogisticStart(X, y, tuple(weights))


@pytest.fixture(scope="module")
def classified():
    return logistic_flow(classifier(), np.concatenate([[0.0], np.geomspace(0.01, 1e4, 30)]))


def test_the_layers_of_a_classifier_align(classified):
    verdict = ALIGNMENT.test(classified)
    assert verdict.status is Status.HOLDS, verdict.explanation
    start = classified.problem
    layers = [classified.states[f"W{k}"][-1] for k in (1, 2, 3)]
    factors = [np.linalg.svd(layer) for layer in layers]
    for (U, S, _), (_, _, V) in pairwise(factors):
        assert (U[:, 0] @ V[0]) ** 2 > 0.9
        assert S[0] > 1.5
    norms = [np.linalg.norm(classified.states["W2"][i]) for i in (10, 20, 30)]
    assert norms[0] < norms[1] < norms[2]
    margin = start.y * (start.X @ (layers[2] @ layers[1] @ layers[0])[0])
    assert np.all(margin > 0)


def test_the_flow_is_the_one_of_the_logistic_loss(classified):
    start = classified.problem

    def loss(layers):
        scores = layers[2] @ layers[1] @ layers[0] @ start.X.T
        return jnp.mean(jnp.log1p(jnp.exp(-start.y[None, :] * scores)))

    layers = integrate(loss, start.weights, classified.axis.points[:20])
    for k, layer in enumerate(layers, start=1):
        np.testing.assert_allclose(classified.states[f"W{k}"][:20], layer, atol=1e-7)


def test_alignment_turned_round_is_violated(classified):
    bounds = ALIGNMENT.predict(classified.problem, None).bound
    wrong = dataclasses.replace(ALIGNMENT, predict=lambda problem, axis: AtMost(np.asarray(bounds.value) / 10))
    assert wrong.test(classified).status is Status.VIOLATED


def test_states_that_no_flow_reaches_are_violated(classified):
    states = {name: np.array(state) for name, state in classified.states.items()}
    states["W1"][-1] = 10 * np.eye(4, 3)
    wrong = Trajectory(classified.problem, classified.axis, states, Origin.RECORDED)
    assert ALIGNMENT.test(wrong).status is Status.VIOLATED


def test_data_that_no_line_separates_are_outside(classified):
    mixed = classifier(separable=False)
    assert mixed.separation == pytest.approx(0, abs=1e-12)
    verdict = ALIGNMENT.judge(mixed, Estimate.exact(np.zeros((1, 5))))
    assert verdict.status is Status.INAPPLICABLE
    assert "the data are linearly separable" in verdict.explanation
    vague = Estimate.heuristic(np.zeros((1, 5)), -1e9, 1e9)
    assert ALIGNMENT.judge(classified.problem, vague).status is Status.UNDECIDED


@pytest.mark.parametrize("statement", [ONE_NEURON, GUARANTEED, ALIGNMENT], ids=lambda t: t.id)
def test_theorems_are_data_about_their_problems(statement):
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement
    assert statement.source.reference.bibtex().startswith("@misc{")
    with pytest.raises(InputError, match="got DeepLinear"):
        statement.judge(network(2), Estimate.exact(1.0))


@pytest.mark.parametrize("problem", [one_neuron(2, 0.5), guaranteed(), classifier()], ids=lambda p: type(p).__name__)
def test_problems_of_neighbouring_networks_survive_json(problem):
    assert type(problem).from_json(json.loads(json.dumps(problem.to_json()))) == problem


ONES = np.ones((1, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: OneNeuron(network(1), (np.ones((1, 3)),)), "needs a plain network of depth at least 2"),
        (lambda: OneNeuron(network(2, W_STAR), (np.eye(3),) * 2), "needs a plain network of depth at least 2"),
        (lambda: OneNeuron(network(2), (np.ones((2, 3)), np.ones((1, 2)))), "W_1 must have one row"),
        (lambda: OneNeuron(network(2, w_star=np.zeros(3)), (np.ones((1, 3)), ONES)), "w_star must not be zero"),
        (lambda: guaranteed(step_share=0.0), "step must be > 0, got 0.0"),
        (lambda: LogisticStart(np.ones((2, 1)), np.arange(2.0), (ONES,)), "labels must be -1 or 1"),
        (lambda: LogisticStart(np.ones((2, 1)), np.ones(1), (ONES,)), r"X must be \(n, d\) and y \(n,\)"),
        (lambda: LogisticStart(np.ones((1, 1)), np.ones(1), (np.ones((2, 1)),)), r"W_1 must have 1 row\(s\), got 2"),
        (lambda: LogisticStart(np.ones((1, 1)), np.ones(1), (np.ones((2, 1, 1)),)), "weights must have no batch axis"),
        (lambda: logistic_flow(LogisticStart(np.ones((1, 1)), np.ones(1), (ONES,)), [1.0]), "times must begin at 0"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
