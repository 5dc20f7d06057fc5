import dataclasses
import json

import jax
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DeepLinear,
    EdgeOfStability,
    Regression,
    descend,
    reach_edge,
    run_at_edge,
)
from fathometer.evidence import AtLeast, AtMost, Estimate, InputError, Status, Theorem
from tests.oracles.deep_linear import dense_hessian, flatten, network, quadratic_risk, unflatten

EDGE, CENTRAL = theorem("edge_of_stability"), theorem("central_flow")
SHAPES = {2: ((2, 2), (1, 2)), 3: ((2, 2), (2, 2), (1, 2))}


def start(depth, slow, limit, seed=0):
    """A network with a fast direction and one that is slow, on its way to a sharpness above 2 / step = limit."""
    generator = np.random.default_rng(seed)
    problem = DeepLinear(Regression(np.diag([1.0, slow]), np.array([1.0, 1.5])), depth)
    return problem, [0.4 * generator.normal(size=shape) for shape in SHAPES[depth]], 2 / limit


@pytest.fixture(scope="module", params=[(2, 0.003, 4.0, 0), (3, 0.003, 6.0, 1)], ids=str)
def at_edge(request):
    depth, slow, limit, seed = request.param
    return run_at_edge(reach_edge(*start(depth, slow, limit, seed), limit=300), 800)


@pytest.mark.slow
def test_averaged_descent_follows_the_central_flow(at_edge):
    for statement in (EDGE, CENTRAL):
        verdict = statement.test(at_edge)
        assert verdict.status is Status.HOLDS, verdict.explanation
    assert CENTRAL.test(at_edge).measured.value < 0.05
    moved = np.linalg.norm(flat(at_edge, -1) - flat(at_edge, 0))
    assert at_edge.observed["distance"].value[-1] < 0.05 * moved


def test_gradient_flow_leaves_the_edge(at_edge):
    """The same statement about gradient flow, which does not feel the oscillation, is violated."""
    pretended = dataclasses.replace(
        at_edge, observed=dict(at_edge.observed) | {"distance": at_edge.observed["flow_distance"]}, twins=()
    )
    assert CENTRAL.test(pretended).status is Status.VIOLATED


def flat(trajectory, index):
    return flatten([trajectory.states[f"W{k}"][index] for k in range(1, trajectory.problem.network.depth + 1)])


@pytest.mark.slow
def test_the_central_flow_is_the_projected_flow(at_edge):
    problem = at_edge.problem
    data, shapes = problem.network.regression, [matrix.shape for matrix in problem.weights]

    def risk(vector):
        return quadratic_risk(unflatten(vector, shapes), problem.network.output, data.sigma, data.w_star)

    slope = jax.jit(jax.grad(risk))
    sharpening = jax.jit(jax.grad(lambda vector: jax.numpy.linalg.eigvalsh(jax.hessian(risk)(vector))[-1]))

    def velocity(_, vector):
        normal = np.asarray(sharpening(vector))
        normal = normal / np.linalg.norm(normal)
        down = -np.asarray(slope(vector))
        return down - normal * (normal @ down)

    steps = 40
    path = solve_ivp(velocity, (0, steps * problem.step), flat(at_edge, 0), rtol=1e-9, atol=1e-12)
    moved = np.linalg.norm(path.y[:, -1] - path.y[:, 0])
    assert np.linalg.norm(path.y[:, -1] - flat(at_edge, steps)) < 0.02 * moved
    for index in (0, 100, 800):
        layers = [at_edge.states[f"W{k}"][index] for k in range(1, problem.network.depth + 1)]
        top = np.linalg.eigvalsh(dense_hessian(problem.network, layers))[-1]
        assert top * problem.step == pytest.approx(2, rel=2e-3)


@pytest.mark.slow
def test_below_the_edge_the_central_flow_is_gradient_flow():
    problem, weights, _ = start(2, 0.5, 1.0)
    run = run_at_edge(EdgeOfStability(problem, tuple(weights), 0.01), 50)
    assert np.max(run.observed["flow_distance"].value) < 1e-12
    descent = descend(problem, weights, 0.01, 50, store=True)
    first = (descent.states["W1"][0] + descent.states["W1"][1]) / 2
    distance = np.hypot(
        np.linalg.norm(first - run.states["W1"][0]),
        np.linalg.norm((descent.states["W2"][0] + descent.states["W2"][1]) / 2 - run.states["W2"][0]),
    )
    assert run.observed["distance"].value[0] == pytest.approx(distance, rel=1e-9)


@pytest.mark.parametrize("statement", [EDGE, CENTRAL], ids=lambda t: t.id)
def test_statements_ask_for_the_edge_and_slow_directions(statement):
    problem, weights, _ = start(2, 0.5, 1.0)
    below = EdgeOfStability(problem, tuple(weights), 0.01)
    verdict = statement.judge(below, Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "the sharpness is 2 / step" in verdict.explanation
    fast = reach_edge(problem, weights, 2 / 3.2)
    verdict = statement.judge(fast, Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "all other directions learn slowly" in verdict.explanation


def test_statements_turned_round_are_violated(at_edge):
    central = dataclasses.replace(CENTRAL, predict=lambda problem, axis: AtLeast(0.2))
    assert central.test(at_edge).status is Status.VIOLATED
    edge = dataclasses.replace(EDGE, predict=lambda problem, axis: AtMost(1.8 / problem.step))
    assert edge.test(at_edge).status is Status.VIOLATED


@pytest.mark.parametrize("statement", [EDGE, CENTRAL], ids=lambda t: t.id)
def test_statements_are_data_and_may_stay_open(at_edge, statement):
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement
    vague = Estimate.heuristic(2 / at_edge.problem.step, 0.0, 1e3)
    assert statement.judge(at_edge.problem, vague).status is Status.UNDECIDED
    with pytest.raises(InputError, match="the problem must be of type EdgeOfStability, got DeepLinear"):
        statement.judge(network(2), Estimate.exact(1.0))


def test_an_edge_that_is_never_reached_is_refused():
    problem, weights, _ = start(2, 0.5, 1.0)
    with pytest.raises(InputError, match="the sharpness must reach 2 / step = 200 within 20 steps"):
        reach_edge(problem, weights, 0.01, limit=20)
    with pytest.raises(InputError, match="step must be > 0"):
        EdgeOfStability(problem, tuple(weights), 0.0)
    with pytest.raises(InputError, match="weights must have no batch axis"):
        EdgeOfStability(problem, tuple(matrix[None] for matrix in weights), 0.1)
    with pytest.raises(InputError, match="iterations must be >= 1, got 0"):
        run_at_edge(EdgeOfStability(problem, tuple(weights), 0.1), 0)
