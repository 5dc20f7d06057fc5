import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from tests.oracles.deep_linear import READOUT, SIGMA, W_STAR, network
from tests.oracles.deep_linear_flow import (
    DIRECTION,
    SQUARE,
    UNIT,
    balanced_start,
    dense_gradient,
    scalar_network,
    scalars,
    scipy_flow,
    sines,
)

from fathometer.deep_linear import (
    ALIGNMENT,
    EXCESS_RISK,
    IMBALANCE,
    LAYER_NORM,
    PRODUCT,
    RANK_DEFECT,
    BalancedFlow,
    DeepLinear,
    Ending,
    GradientFlow,
    Regression,
    balanced_flow,
    balanced_sharpness,
    balanced_velocity,
    excess_risk,
    flow,
    flow_limit,
    gradient,
    imbalance_norms,
    imbalances,
    product,
    reduced_sharpness,
    tangent_kernel,
)
from fathometer.deep_linear.dynamics.flow import _clock
from fathometer.deep_linear.model._network import from_states
from fathometer.evidence import InputError, Trajectory

UNEVEN = ((2, 3), (4, 2), (3, 4))
STIFF = DeepLinear(Regression(np.diag([1.0, 1e-4, 1e-8]), np.array([1.0, 100.0, 1e4])), 3)


def layers(run):
    return from_states(run.problem.network, run.states)


@pytest.fixture(scope="module")
def run():
    return flow(network(4), sines(SQUARE, 0.3), points=30, store=True, sharpness=True)


@pytest.mark.slow
@pytest.mark.parametrize(("shapes", "readout"), [(SQUARE, None), (UNEVEN, READOUT), (((1, 3),), None)])
def test_agrees_with_scipy(shapes, readout):
    problem, weights = network(len(shapes), readout), sines(shapes, 0.5)
    times = np.array([0.0, 0.1, 0.5, 1.0, 2.0])
    found = flow(problem, weights, times, tolerance=1e-12, convergence=0, store=True)
    assert_allclose(found.axis.points, times)
    for ours, theirs in zip(layers(found), scipy_flow(problem, weights, times), strict=True):
        assert_allclose(ours, theirs, atol=2e-11)


@pytest.mark.slow
def test_agrees_with_an_implicit_solver_behind_a_plateau():
    problem, weights = network(4), sines(SQUARE, 0.03)
    times = np.array([50.0, 100.0, 120.0])
    found = flow(problem, weights, times, tolerance=1e-12, convergence=0)
    theirs = scipy_flow(problem, weights, times, "LSODA", 1e-11)
    assert_allclose(found.observed["excess_risk"].value, excess_risk(problem, theirs), rtol=1e-5, atol=1e-13)


def test_the_gradient_of_the_oracle_is_the_gradient():
    problem, weights = network(3, READOUT), sines(UNEVEN, 0.5)
    oracle = dense_gradient(weights, problem.output, SIGMA, W_STAR)
    for ours, theirs in zip(gradient(problem, weights), oracle, strict=True):
        assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_the_error_falls_in_proportion_to_the_tolerance():
    problem, weights, times = network(4), sines(SQUARE, 0.3), [1.0, 2.0, 3.0]
    exact = layers(flow(problem, weights, times, tolerance=1e-13, convergence=0, store=True))
    tolerances, errors = 10.0 ** -np.arange(6, 12), []
    for tolerance in tolerances:
        found = layers(flow(problem, weights, times, tolerance=tolerance, convergence=0, store=True))
        errors.append(max(np.abs(x - y).max() for x, y in zip(found, exact, strict=True)))
    slope = np.polyfit(np.log(tolerances), np.log(errors), 1)[0]
    assert 0.75 < slope < 1.3
    assert np.all(errors < 100 * tolerances)


@pytest.mark.slow
def test_balanced_flow_along_time():
    """4.4: network, equation in three dimensions, sharpness; at t = 3 by mpmath, 2e-11 off the reference."""
    times = [0.0, 1.0, 2.0, 3.0, 8.0]
    full = flow(network(4), balanced_start(), times, tolerance=1e-13, convergence=0, store=True, sharpness=True)
    small = balanced_flow(network(4), 0.0081 * DIRECTION, times, tolerance=1e-13, convergence=0)
    w = full.observe(PRODUCT).value
    assert_allclose(w, small.states["w"], atol=2e-11)
    assert_allclose(w[1], [0.0074293, -0.00134291, 0.00511617], atol=5e-9)
    assert_allclose(w[2], [0.04771762, -0.04650827, 0.01582469], atol=5e-9)
    assert_allclose(w[3], [0.99946573, -1.99752723, 0.49033363], atol=5e-9)
    for tops in (full.observed["sharpness"].value, small.observed["sharpness"].value):
        assert_allclose(tops[1:], [0.828295767272, 1.701885112645, 35.34457321174817, 35.348472082102], rtol=2e-12)
    assert tops[-1] == pytest.approx(balanced_sharpness(network(4)).value, rel=1e-12)


@pytest.mark.slow
def test_a_plateau_costs_little_and_its_length_scales_like_a_power():
    """Escapes from 1e-2 to 1e-6 at depth 4 take a time of order s^{-2}."""
    ends = []
    for scale in (1e-2, 1e-4, 1e-6):
        found = flow(network(4), sines(SQUARE, scale), points=30)
        assert found.events[0].name == Ending.CONVERGED
        assert found.observed["excess_risk"].value[-1] <= 1e-12 * network(4).regression.explained
        assert np.max(found.observed["imbalance_drift"].value) < 1e-10
        ends.append(found.event(Ending.CONVERGED).value)
    assert_allclose(np.diff(np.log10(ends)), 4, atol=0.02)
    assert ends[-1] == pytest.approx(103388148113, rel=1e-6)


@pytest.mark.slow
def test_deep_networks_leave_the_saddle():
    """Depth 10 from 1e-6: a time of 1e42; depth 64 from a scale at which the product is 1e-27."""
    ten = flow(network(10), sines(((3, 3),) * 9 + ((1, 3),), 1e-6), points=20)
    assert ten.events[0].name == Ending.CONVERGED
    assert ten.event(Ending.CONVERGED).value > 1e40
    assert np.all(np.diff(ten.axis.points) > 0)
    many = flow(network(64), sines(((3, 3),) * 63 + ((1, 3),), 0.2), points=20)
    assert many.events[0].name == Ending.CONVERGED


def test_what_a_flow_observes_is_what_its_states_give(run):
    weights = layers(run)
    assert_allclose(run.observed["excess_risk"].value, excess_risk(network(4), weights), rtol=1e-12)
    assert np.all(np.diff(run.observed["excess_risk"].value) < 0)
    assert_allclose(run.observe(EXCESS_RISK).value, run.observed["excess_risk"].value)
    middle = tuple(matrix[15] for matrix in weights)
    top = run.observed["sharpness"]
    assert top.value[15] == pytest.approx(reduced_sharpness(network(4), middle).value, rel=1e-12)
    assert np.all(top.lower < top.value)
    assert run.axis.points[0] == 0
    for first, given in zip(weights, sines(SQUARE, 0.3), strict=True):
        assert_allclose(first[0], given)
    assert Trajectory.from_json(run.to_json()) == run


def test_the_error_bars_of_the_risk_cover(run):
    at = run.axis.points[[5, 12, 20]]
    rough = flow(network(4), sines(SQUARE, 0.3), at, tolerance=1e-6, convergence=0).observed["excess_risk"]
    exact = flow(network(4), sines(SQUARE, 0.3), at, tolerance=1e-13, convergence=0).observed["excess_risk"].value
    assert np.all((rough.lower <= exact) & (exact <= rough.upper))
    assert np.any(rough.value != exact)


def test_the_observables_of_the_layers(run):
    weights = layers(run)
    singular = [np.linalg.svd(matrix) for matrix in weights]
    assert_allclose(run.observe(LAYER_NORM).value, np.stack([S[:, 0] for _, S, _ in singular], axis=1))
    squares = np.stack([np.sum(matrix**2, axis=(1, 2)) for matrix in weights], axis=1)
    assert_allclose(run.observe(RANK_DEFECT).value, squares - run.observe(LAYER_NORM).value ** 2, atol=1e-13)
    cosines = [np.sum(U[:, :, 0] * Vt[:, 0], axis=1) for (U, _, _), (_, _, Vt) in pairwise(singular)]
    assert_allclose(run.observe(ALIGNMENT).value, np.stack(cosines, axis=1) ** 2, atol=1e-12)
    assert_allclose(run.observe(IMBALANCE).value, imbalance_norms(weights))
    assert_allclose(run.observe(PRODUCT).value, product(weights))
    assert run.observe(ALIGNMENT).value[-1].min() > 0.9


def test_the_imbalance_is_that_of_the_definition():
    first, second = sines(((4, 3), (2, 4)), 1.0)
    (D,) = imbalances((first, second))
    assert_allclose(D, second.T @ second - first @ first.T)
    assert imbalance_norms((first, second))[0] == pytest.approx(np.abs(np.linalg.eigvalsh(D)).max())
    assert imbalance_norms((first[None],)).shape == (1, 0)


def test_the_product_moves_by_the_kernel(run):
    """1.2: dw/dt = -K g along the flow, by differences."""
    at = run.axis.points[10]
    near = flow(network(4), sines(SQUARE, 0.3), [at, at + 1e-4, at + 2e-4], convergence=0, store=True)
    w, weights = near.observe(PRODUCT).value, tuple(matrix[1] for matrix in layers(near))
    g = 2 * SIGMA @ (w[1] - W_STAR)
    assert_allclose((w[2] - w[0]) / 2e-4, -tangent_kernel(network(4), weights) @ g, rtol=1e-5)


def test_times_behind_the_end_are_left_out():
    found = flow(network(4), sines(SQUARE, 0.3), [0.0, 1.0, 1e6])
    assert_allclose(found.axis.points, [0, 1])
    assert found.events[0].name == Ending.CONVERGED
    assert 1 < found.event(Ending.CONVERGED).value < 10
    assert found.event("nothing").value == math.inf


def test_until_ends_the_run():
    found = flow(network(4), sines(SQUARE, 0.3), until=1.0, points=10)
    assert found.events[0].name == Ending.TIME_REACHED
    assert found.axis.points[-2] < 1 <= found.axis.points[-1] < 1.5


@pytest.mark.slow
def test_a_run_that_takes_too_many_steps_says_so(monkeypatch):
    monkeypatch.setattr(_clock, "MAX_STEPS", 20)
    found = flow(network(4), sines(SQUARE, 0.3), points=30)
    assert found.events[0].name == Ending.STEP_LIMIT
    assert found.event(Ending.CONVERGED).value == math.inf
    assert found.event(Ending.CONVERGED).lower == found.axis.points[-1] > 0
    assert np.all(np.isfinite(found.observed["excess_risk"].value))


@pytest.mark.slow
def test_at_a_saddle_the_flow_is_at_rest():
    zero = flow(network(4), tuple(0 * matrix for matrix in sines(SQUARE, 1)), points=5)
    assert zero.events[0].name == Ending.AT_REST
    assert zero.event(Ending.CONVERGED).lower == math.inf
    assert_allclose(zero.axis.points, [0])
    sinking = flow(scalar_network(3), scalars((-0.5, 0.5, 0.5)), points=5)
    assert sinking.events[0].name == Ending.AT_REST
    assert sinking.observed["excess_risk"].value[-1] == pytest.approx(6, rel=1e-6)


@pytest.mark.slow
def test_at_a_minimizer_the_flow_has_converged():
    found = flow(scalar_network(3), scalars((2.0, 1.0, 1.0)), [0.0])
    assert found.events[0].name == Ending.CONVERGED
    assert found.observed["excess_risk"].value[0] == 0


@pytest.mark.slow
def test_without_a_target_the_flow_sinks_to_its_risk():
    problem = scalar_network(3, target=0.0)
    found = flow(problem, scalars((0.5, 0.4, 0.3)), points=5, convergence=1e-6)
    assert found.observed["excess_risk"].value[-1] <= 1e-6 * found.observed["excess_risk"].value[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": [1.0, 0.5]}, "axis points must be strictly increasing"),
        ({"times": [-1.0, 0.5]}, "times must be >= 0, got -1"),
        ({"times": []}, "at least one point"),
        ({"times": [1e6, 2e6]}, "times must begin before the run ends at"),
        ({"until": 0.0}, "until must be > 0"),
        ({"until": math.nan}, "until must be finite and > 0"),
        ({"points": 1}, "points must be >= 2"),
        ({"convergence": 1.0}, "convergence must be < 1 and >= 0"),
        ({"tolerance": 1e-3}, "tolerance must be >= 1e-13 and <= 1e-06"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        flow(network(4), sines(SQUARE, 0.3), **change)


def test_bad_problems_are_refused():
    with pytest.raises(InputError, match="weights must be 4 matrices, got 1"):
        flow(network(4), [UNIT[None]])
    with pytest.raises(InputError, match="no batch axis"):
        GradientFlow(network(1), (np.ones((2, 1, 3)),))
    with pytest.raises(InputError, match="plain"):
        BalancedFlow(network(3, READOUT), np.ones(3))
    with pytest.raises(InputError, match="product must be 3 numbers, not all zero"):
        BalancedFlow(network(3), np.zeros(3))
    with pytest.raises(InputError, match="product must be 3 numbers"):
        balanced_flow(network(3), np.ones(2))
    descent = Trajectory(network(4), flow(network(4), sines(SQUARE, 0.3), [0.0]).axis, {}, "trained")
    with pytest.raises(InputError, match="'W1' was not stored"):
        descent.observe(IMBALANCE)


def test_problems_travel_as_json():
    start = GradientFlow(network(4), sines(SQUARE, 0.3))
    assert GradientFlow.from_json(start.to_json()) == start


@pytest.mark.slow
def test_an_implicit_method_for_ill_conditioned_data(monkeypatch):
    """Conditioning 1e8: explicit steps run out, and the implicit path is that of an independent implicit solver."""
    monkeypatch.setattr(_clock, "MAX_STEPS", 4000)
    start = np.full(3, 1e-3)
    explicit = balanced_flow(STIFF, start, points=5, convergence=1e-8)
    assert explicit.events[0].name == Ending.STEP_LIMIT
    times = np.array([0.3, 10.0, 500.0])
    run = balanced_flow(STIFF, start, times, stiff=True, tolerance=1e-10)
    whole = balanced_flow(STIFF, start, points=5, convergence=1e-8, stiff=True, tolerance=1e-8)
    assert whole.events[0].name == Ending.CONVERGED
    solution = solve_ivp(
        lambda _, w: balanced_velocity(STIFF, w), (0, 500), start, "Radau", times, rtol=1e-9, atol=1e-14
    )
    assert_allclose(run.states["w"], solution.y.T, rtol=1e-6)


@pytest.mark.slow
def test_the_implicit_method_is_the_same_flow():
    start, times = sines(((2, 3), (1, 2)), 0.4), np.linspace(0.5, 3, 4)
    runs = [flow(network(2), start, times, store=True, stiff=stiff, tolerance=1e-9) for stiff in (False, True)]
    for k in (1, 2):
        assert_allclose(runs[1].states[f"W{k}"], runs[0].states[f"W{k}"], atol=2e-7)


@pytest.mark.slow
def test_limits_are_found_on_ill_conditioned_data(monkeypatch):
    """Few explicit steps are allowed here, so that the implicit method has to take over."""
    monkeypatch.setattr(_clock, "MAX_STEPS", 2500)
    problem = DeepLinear(Regression(np.diag([1.0, 1e-2, 1e-4]), np.array([1.0, 10.0, 100.0])), 2)
    found = flow_limit(problem, (0.1 * np.eye(3), 0.1 * np.ones((1, 3))), tolerance=1e-8)
    assert found.ending == Ending.CONVERGED
    assert_allclose(product(found.weights), problem.regression.w_star, rtol=1e-6)
