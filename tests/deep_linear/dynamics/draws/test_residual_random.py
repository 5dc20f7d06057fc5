import dataclasses
import math

import numpy as np
import pytest
from tests.oracles.deep_linear import READOUT, dense_hessian, network

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DeepLinear,
    RandomStart,
    Regression,
    block_bounds,
    draw_risks,
    excess_risk,
    gaussian_moments,
    initial_moments,
    limit_singular_value,
    product,
    residual_moments,
    tangent_kernel,
)
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._network import backward
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Origin, Status, Trajectory, Within

MEAN_RISK = theorem("gaussian_initial_risk")
DRAWS = 60_000
RESIDUAL = DeepLinear(Regression(np.diag(np.arange(1.0, 6.0)), np.ones(5)), 10, np.eye(5)[0])
PLAIN = DeepLinear(Regression(np.diag(np.arange(1.0, 4.0)), np.ones(3)), 4)


@pytest.mark.parametrize(("scale", "chi"), [(0.25, 1.42673166252), (0.5, 2.05766859169), (1, 4.59286656106), (0, 1)])
def test_chi_to_its_digits(scale, chi):
    assert limit_singular_value(scale) == pytest.approx(chi, abs=6e-12)


def test_chi_is_the_published_form_and_linear_at_small_scale():
    for s in (0.01, 0.3, 2.0, 7.0):
        r = math.sqrt(1 + 2 / s**2)
        assert limit_singular_value(s) == pytest.approx(math.sqrt((r + 1) / (r - 1) * math.exp(s**2 * r)), rel=1e-10)
    assert limit_singular_value(1e-9) - 1 == pytest.approx(math.sqrt(2) * 1e-9, rel=1e-6)
    with pytest.raises(InputError, match="scale must be >= 0, got -1"):
        limit_singular_value(-1)


def test_chi_is_seen_on_a_wide_product():
    """Finite-size error of a few percent at d = L = 60 (4.451 and 0.2271 against 4.593 and 0.2177 at d = L = 300)."""
    size, generator = 60, np.random.default_rng(0)
    layers = np.eye(size) + generator.standard_normal((size, size, size)) / size * 0.5
    whole = np.linalg.multi_dot(list(layers))
    values = np.linalg.svd(whole, compute_uv=False)
    assert values[0] == pytest.approx(limit_singular_value(0.5), rel=0.1)
    assert values[-1] == pytest.approx(1 / limit_singular_value(0.5), rel=0.1)
    assert block_bounds(layers).largest < 1.05 * limit_singular_value(0.5)


def close(samples, expected):
    """The mean over the first axis is within four standard errors of what is expected, entry by entry."""
    error = np.std(samples, axis=0, ddof=1) / math.sqrt(len(samples))
    assert np.all(np.abs(np.mean(samples, axis=0) - expected) <= 4 * error + 1e-12), (
        np.mean(samples, axis=0),
        expected,
    )


@pytest.mark.slow
def test_expectations_at_a_residual_start():
    moments = residual_moments(RESIDUAL, 1.0)
    weights = Initial(InitialKind.RESIDUAL, 1.0).draw(RESIDUAL, 5, DRAWS, 0)
    w, b, kernel = (
        product(weights, RESIDUAL.output),
        backward(weights, RESIDUAL.output),
        tangent_kernel(RESIDUAL, weights),
    )
    close(w, moments.product)
    close(w[:, :, None] * w[:, None, :], moments.product_square)
    close(np.stack([np.sum(vector**2, axis=-1) for vector in b], axis=-1), moments.backward_square)
    close(kernel, moments.kernel * np.eye(5))
    close(excess_risk(RESIDUAL, weights), moments.excess_risk)
    trace = 2 * np.einsum("nij,ij->n", kernel, RESIDUAL.regression.sigma)
    close(trace, moments.hessian_trace)
    assert moments.excess_risk == pytest.approx(18.78122738, abs=5e-9)
    assert moments.hessian_trace == pytest.approx(707.3843073, abs=5e-8)


def test_expectations_at_a_gaussian_start():
    moments = gaussian_moments(PLAIN, 0.7, (2, 5, 3))
    weights = Initial(InitialKind.GAUSSIAN, 0.7).draw(PLAIN, (2, 5, 3), DRAWS, 1)
    w, b = product(weights), backward(weights, PLAIN.output)
    close(w, moments.product)
    close(w[:, :, None] * w[:, None, :], moments.product_square)
    close(np.stack([np.sum(vector**2, axis=-1) for vector in b], axis=-1), moments.backward_square)
    close(tangent_kernel(PLAIN, weights), moments.kernel * np.eye(3))
    close(excess_risk(PLAIN, weights), moments.excess_risk)
    tail = weights[1] @ weights[0]
    close(np.swapaxes(tail, 1, 2) @ tail, moments.forward_square[2] * np.eye(3))


def test_square_gaussian_networks_have_the_textbook_moments():
    """2.5.4: E K = L (d s^2)^{L-1} I, E w w^T = s^{2L} d^{L-1} I, E tr H = 2 L (d s^2)^{L-1} tr sigma."""
    moments, s, d, depth = gaussian_moments(PLAIN, 0.6, 3), 0.6, 3, 4
    assert moments.kernel == pytest.approx(depth * (d * s**2) ** (depth - 1), rel=1e-13)
    np.testing.assert_allclose(moments.product_square, s ** (2 * depth) * d ** (depth - 1) * np.eye(3), rtol=1e-13)
    assert moments.hessian_trace == pytest.approx(2 * depth * (d * s**2) ** (depth - 1) * 6, rel=1e-13)


def test_the_hessian_trace_is_that_of_its_gauss_newton_part():
    problem = network(3, READOUT)
    weights = [matrix[0] for matrix in Initial(InitialKind.RESIDUAL, 1.0).draw(problem, 3, 1, 5)]
    trace = 2 * np.trace(tangent_kernel(problem, weights) @ problem.regression.sigma)
    assert np.trace(dense_hessian(problem, weights)) == pytest.approx(trace, rel=1e-12)


def test_at_scale_zero_nothing_is_random():
    moments = residual_moments(RESIDUAL, 0.0)
    identity = [np.eye(5)] * 10
    assert moments.excess_risk == pytest.approx(float(excess_risk(RESIDUAL, identity)), rel=1e-14)
    assert moments.kernel == 10
    np.testing.assert_array_equal(moments.product, RESIDUAL.output)


@pytest.mark.parametrize(
    ("start", "draws"),
    [
        (RandomStart(RESIDUAL, 0.5, 5), 20_000),
        pytest.param(RandomStart(RESIDUAL, 1.0, 5), DRAWS, marks=pytest.mark.slow),
        (RandomStart(PLAIN, 0.4, 3), 20_000),
    ],
)
def test_the_mean_risk_is_the_expectation(start, draws):
    verdict = MEAN_RISK.test(draw_risks(start, draws, 0))
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert verdict.measured.lower <= initial_moments(start).excess_risk <= verdict.measured.upper


def test_another_mean_is_violated_and_few_draws_decide_nothing():
    start = RandomStart(PLAIN, 0.4, 3)
    doubled = dataclasses.replace(
        MEAN_RISK,
        predict=lambda problem, axis: Within(
            2 * initial_moments(problem).excess_risk, 3 * initial_moments(problem).excess_risk
        ),
    )
    assert doubled.test(draw_risks(start, 5000, 0)).status is Status.VIOLATED
    assert MEAN_RISK.test(draw_risks(RandomStart(RESIDUAL, 1.0, 5), 20, 0)).status is Status.UNDECIDED


def test_the_mean_risk_is_about_random_starts():
    with pytest.raises(InputError, match="the problem must be of type RandomStart, got DeepLinear"):
        MEAN_RISK.judge(PLAIN, Estimate.exact(1.0))
    axis = Axis(AxisKind.DRAW, np.array([0.0]))
    one = Trajectory(
        RandomStart(PLAIN, 0.4, 3), axis, {}, Origin.SIMULATED, {"excess_risk": Estimate.exact([1.0], along=axis)}
    )
    assert MEAN_RISK.test(one).status is Status.UNDECIDED  # a single draw has no error bars


def test_draws_are_reproducible_and_batched_without_repetition():
    start = RandomStart(RESIDUAL, 0.5, 5)
    first, again = (draw_risks(start, 30_000, 3).observed["excess_risk"].value for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(np.unique(first)) == 30_000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_moments(RESIDUAL, 1.0, 5), "gaussian weights are for a plain network"),
        (lambda: residual_moments(PLAIN, 1.0), "residual weights need a network with a readout"),
        (lambda: residual_moments(RESIDUAL, -1.0), "scale must be >= 0, got -1.0"),
        (lambda: RandomStart(RESIDUAL, 1.0, 4), "width must be 5, the number of inputs"),
        (lambda: RandomStart(PLAIN, math.nan, 3), "scale must be"),
        (lambda: draw_risks(RandomStart(PLAIN, 1.0, 3), 0, 0), "count must be >= 1, got 0"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
