"""The critical step of a loss: closed forms, formats, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.evidence import InputError
from fathometer.network.steps._critical_step import CriticalStep, critical_step_along, described
from fathometer.network.steps._directions import by_name, by_vector
from tests.network.steps._objectives import FunctionObjective, quadratic, random_quadratic


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_along_the_gradient_of_a_quadratic_it_is_2_gg_over_ghg(seed):
    of, hessian = random_quadratic(seed)
    g = of.gradient()
    found = critical_step_along(of, by_name("gradient", g))
    exact = 2 * (g @ g) / (g @ hessian @ g)
    assert found.step.lower <= exact <= found.step.upper
    assert found.step.value == pytest.approx(exact, rel=1e-6)
    assert found.step.upper <= 1.0101 * found.step.lower
    assert found.sharpness.value == pytest.approx(2 / exact, rel=1e-6)
    assert found.passes == of.evaluations <= 9


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_float32_keeps_the_exact_step_inside(seed):
    of, hessian = random_quadratic(seed, dtype=np.float32)
    g = of.gradient().astype(float)
    found = critical_step_along(of, by_name("gradient", g))
    exact = 2 * (g @ g) / (g @ hessian @ g)
    assert found.step.lower <= exact <= found.step.upper
    assert found.passes == of.evaluations <= 12


def test_a_large_constant_drowns_the_crossing_and_the_bracket_says_so():
    rng = np.random.default_rng(0)
    hessian, at = np.diag(rng.uniform(0.5, 2, 6)), rng.standard_normal(6)
    widths = []
    for offset in (0.0, 1e3, 1e5, 1e7):
        of = quadratic(hessian, at, np.float32, offset)
        g = of.gradient().astype(float)
        step = critical_step_along(of, by_name("gradient", g)).step
        assert step.lower <= 2 * (g @ g) / (g @ hessian @ g) <= step.upper
        widths.append(step.upper - step.lower)
    assert widths[0] < widths[2] < widths[3]
    assert widths[3] > 10 * widths[0]


def test_any_vector_by_forward_passes_alone():
    of, hessian = random_quadratic(3)
    u = np.linalg.solve(hessian, of.gradient())
    of.gradient = None
    step = critical_step_along(of, by_vector(u, of.size)).step
    assert step.lower <= 2.0 <= step.upper


def test_a_start_is_tried_first():
    of, _ = random_quadratic(4)
    assert critical_step_along(of, by_name("gradient", of.gradient()), start=0.125).tried[0, 0] == 0.125


def test_a_loss_that_is_not_finite_beyond_a_step_counts_as_above():
    of = FunctionObjective(lambda w: -np.log(2 - w[0]) if w[0] < 2 else np.nan, lambda w: np.array([1.0]), np.ones(1))
    step = critical_step_along(of, by_vector([-1.0 * -1.0], 1)).step
    assert step.value == math.inf or step.lower > 0


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (np.zeros(12), "is zero here"),
        (np.full(12, 1e-200), "must be longer than 1e-150, got 1e-200 at most"),
        (np.full(12, np.nan), "must be finite"),
        (np.ones(5), r"must have shape \(12,\).*got \(5,\)"),
    ],
)
def test_directions_that_cannot_be(vector, message):
    with pytest.raises(InputError, match=message):
        by_vector(vector, 12)


def test_uphill_is_refused_for_a_bare_vector():
    of, _ = random_quadratic(5)
    with pytest.raises(InputError, match="must lead downhill"):
        critical_step_along(of, by_vector(-of.gradient(), of.size))


def test_a_loss_that_is_nan_here_is_refused():
    of = FunctionObjective(lambda w: math.nan, lambda w: np.ones(2), np.ones(2))
    with pytest.raises(InputError, match="loss must be finite where the network is, got nan"):
        critical_step_along(of, by_vector(np.ones(2), 2))


def test_named_directions():
    g = np.array([3.0, -4.0, 0.0])
    assert by_name("gradient", g).slope == 25
    np.testing.assert_allclose(by_name("sgd:momentum=0.9", g).vector, g)
    np.testing.assert_allclose(by_name("sgd:momentum=0.9,nesterov=1", g).vector, 1.9 * g)
    np.testing.assert_allclose(by_name("adam", g).vector, np.sign(g), atol=1e-8)
    np.testing.assert_allclose(by_name("rmsprop:alpha=0.99", g).vector, 10 * np.sign(g), atol=1e-6)
    for bad, message in (
        ("lion", "direction must be gradient, sgd, rmsprop, adam"),
        ("sgd:b1=0.9", "sgd has no setting 'b1'; it has momentum, nesterov"),
        ("adam:b1=2", "adam's b1 must be"),
        ("gradient:x=1", "direction must be"),
    ):
        with pytest.raises(InputError, match=message):
            by_name(bad, g)


def test_it_travels_as_json():
    of, _ = random_quadratic(6)
    found = critical_step_along(of, by_name("gradient", of.gradient()))
    assert CriticalStep.from_json(found.to_json()) == found
    assert described(found)["critical_step"]["value"] == found.step.value
