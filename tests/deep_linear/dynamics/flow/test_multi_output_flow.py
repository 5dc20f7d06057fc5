import numpy as np
import pytest
from scipy.integrate import quad
from tests.oracles.deep_linear import SIGMA
from tests.oracles.deep_linear_residual import integrate, matrix_risk

from fathometer.deep_linear import (
    MultiOutput,
    MultiOutputRegression,
    balanced_factorization,
    balanced_matrix_flow,
    descend_multi_output,
    mode_time,
    spectral_flow,
    spectral_transition_times,
)
from fathometer.evidence import InputError

TARGET = np.array([[2.0, 1, 0], [0, 1, -1]])
ROTATIONS = [np.linalg.qr(np.random.default_rng(k).normal(size=(3, 3)))[0] for k in (0, 1)]
WHITE = MultiOutputRegression(2 * np.eye(3), ROTATIONS[0] * [3, 1.5, 0.4] @ ROTATIONS[1])


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("scale", [0.05, 1.0])
def test_the_matrix_equation_is_the_flow_of_the_balanced_network(depth, scale):
    problem = MultiOutput(MultiOutputRegression(SIGMA, TARGET), depth)
    start = scale * np.random.default_rng(depth).normal(size=(2, 3))
    times = np.linspace(0, 1.5, 7)
    flow = balanced_matrix_flow(problem, start, times)
    layers = integrate(lambda weights: matrix_risk(weights, SIGMA, TARGET), balanced_factorization(start, depth), times)
    for i, M in enumerate(flow.states["M"]):
        product = np.eye(3)
        for layer in layers:
            product = layer[i] @ product
        np.testing.assert_allclose(M, product, atol=2e-8)


def test_the_observed_risk_is_that_of_the_states_and_falls():
    problem = MultiOutput(MultiOutputRegression(SIGMA, TARGET), 3)
    flow = balanced_matrix_flow(problem, 0.1 * TARGET, np.linspace(0, 5, 50))
    excess = flow.observed["excess_risk"]
    assert excess.value[0] == pytest.approx(float(matrix_risk([0.1 * TARGET], SIGMA, TARGET)), rel=1e-12)
    assert np.all(np.diff(excess.value) < 1e-20)
    assert excess.value[-1] < 1e-12
    assert np.all(excess.lower <= excess.value)


@pytest.mark.parametrize(
    ("depth", "target", "time"),
    [(2, 3, 1.24284354277492), (2, 1, 3.45387738949094), (3, 3, 16.5684087383185), (3, 1, 49.5748496539196)],
)
def test_modes_to_half_their_target(depth, target, time):
    """4.13."""
    assert mode_time(0.5, 1e-6, target, depth) == pytest.approx(time, rel=1e-13)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 10, 64])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.999, 1 - 1e-9])
def test_mode_times_are_the_integral(depth, share):
    power = 2 - 2 / depth

    def integrand(y):
        """In y = log(s / (target - s)), where the integral is tame."""
        s = 2 / (1 + np.exp(-y))
        return s ** (1 - power) / (2 * depth * 2)

    ends = [np.log(x / (1 - x)) for x in (0.0005, share)]
    expected = quad(integrand, *ends, epsabs=0, epsrel=1e-12)[0]
    assert mode_time(share, 1e-3, 2.0, depth) == pytest.approx(expected, rel=1e-8)


def test_modes_are_learnt_one_by_one():
    problem = MultiOutput(WHITE, 3)
    times = spectral_transition_times(problem, 1e-8)
    np.testing.assert_allclose(times[1:] / times[0], [2, 7.5], rtol=0.02)
    deep = spectral_transition_times(MultiOutput(WHITE, 2), 1e-6)
    np.testing.assert_allclose(deep, np.log(np.array([3, 1.5, 0.4]) / 1e-6 - 1) / (4 * np.array([3, 1.5, 0.4])) / 2)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 3, 6])
def test_the_spectral_flow_is_the_balanced_flow(depth):
    problem = MultiOutput(WHITE, depth)
    times = np.linspace(0, 3, 16)
    exact = spectral_flow(problem, 0.2, times)
    integrated = balanced_matrix_flow(problem, exact.states["M"][0], times)
    np.testing.assert_allclose(exact.states["M"], integrated.states["M"], atol=2e-9)
    np.testing.assert_allclose(np.linalg.svd(exact.states["M"][3])[1], exact.states["singular_values"][3])
    np.testing.assert_allclose(exact.observed["excess_risk"].value, integrated.observed["excess_risk"].value, atol=1e-8)


def test_a_mode_is_half_way_at_its_transition_time():
    problem = MultiOutput(WHITE, 4)
    at = np.sort(spectral_transition_times(problem, 0.01))
    values = spectral_flow(problem, 0.01, at).states["singular_values"]
    np.testing.assert_allclose(np.diag(values), [1.5, 0.75, 0.2], rtol=1e-9)


def test_modes_that_are_no_targets_are_left_out():
    problem = MultiOutput(MultiOutputRegression(np.eye(3), np.diag([2.0, 1.0, 0.0])), 3)
    flow = spectral_flow(problem, 0.1, [0.0, 50.0])
    np.testing.assert_allclose(flow.states["M"][-1], np.diag([2.0, 1.0, 0.0]), atol=1e-10)


def test_descent_is_the_plain_loop():
    problem = MultiOutput(MultiOutputRegression(SIGMA, TARGET), 3)
    layers = [np.random.default_rng(k).normal(size=s) / 2 for k, s in enumerate([(4, 3), (3, 4), (2, 3)])]
    run = descend_multi_output(problem, layers, 0.01, 20, every=5)
    for step in range(21):
        if step % 5 == 0:
            for k, layer in enumerate(layers, start=1):
                np.testing.assert_allclose(run.states[f"W{k}"][step // 5], layer, rtol=1e-12, atol=1e-13)
            risk = float(matrix_risk(layers, SIGMA, TARGET))
            assert run.observed["excess_risk"].value[step // 5] == pytest.approx(risk, rel=1e-12)
        M = layers[2] @ layers[1] @ layers[0]
        G = 2 * (M - TARGET) @ SIGMA
        slopes = [layers[1].T @ layers[2].T @ G, layers[2].T @ G @ layers[0].T, G @ (layers[1] @ layers[0]).T]
        layers = [layer - 0.01 * slope for layer, slope in zip(layers, slopes, strict=True)]
    np.testing.assert_array_equal(run.axis.points, [0, 5, 10, 15, 20])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: balanced_matrix_flow(p, np.eye(2), [0.0, 1.0]), r"start must have shape \(3, 3\), got \(2, 2\)"),
        (lambda p: balanced_matrix_flow(p, np.eye(3), [1.0, 2.0]), "times must begin at 0"),
        (lambda p: balanced_matrix_flow(p, np.eye(3), [0.0]), "times must begin at 0 and be at least two"),
        (lambda p: spectral_flow(p, 0.5, [0.0, 1.0]), "start must be > 0 and < 0.4, got 0.5"),
        (lambda p: spectral_flow(p, 0.1, [-1.0, 1.0]), "times must be >= 0, got -1.0"),
        (lambda p: spectral_transition_times(p, 0.1, 0.1), "share must be > 0.25 and < 1"),
        (lambda p: descend_multi_output(p, [np.eye(3)] * 2, -1.0, 3), "step must be > 0, got -1.0"),
        (lambda p: descend_multi_output(p, [np.eye(3)] * 2, 0.1, 3, every=2), "iterations must be a multiple of every"),
        (lambda p: descend_multi_output(p, [np.ones((1, 3, 3))] * 2, 0.1, 3), "weights must have no batch axis"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call(MultiOutput(WHITE, 2))


def test_spectral_modes_need_white_data_and_a_target():
    with pytest.raises(InputError, match="sigma must be a multiple of the identity"):
        spectral_flow(MultiOutput(MultiOutputRegression(SIGMA, TARGET), 2), 0.1, [0.0, 1.0])
    with pytest.raises(InputError, match="M_star must not be zero"):
        spectral_flow(MultiOutput(MultiOutputRegression(np.eye(3), 0 * TARGET), 2), 0.1, [0.0, 1.0])
