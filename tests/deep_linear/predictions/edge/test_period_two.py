"""Additions 8: closed forms at the minimum of scalar networks, and the oscillation that branches off."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    LineDescent,
    Regression,
    balanced_amplitude_squared,
    balanced_derivatives,
    layer_derivatives,
    network_oscillation,
    period_two,
    period_two_multiplier,
    run_line_descent,
    scalar_cycle,
)
from fathometer.deep_linear.predictions.sharpness._minimizers import balanced_minimizer, flattest_minimizer
from fathometer.deep_linear.theorems._examples import network
from fathometer.evidence import InputError

ORACLES = {2: (8, 24, 24, 0.125), 3: (18, 108, 360, 0.0340909), 5: (50, 600, 4800, 0.00892857)}
SETTLED = {2: 1.24994e-5, 3: 3.40898e-6, 5: 8.92837e-7}
"""Half the distance of the points squared at mu = 1e-4; for depth 2 exactly mu / (8 + 4 mu)."""


@pytest.mark.parametrize("depth", ORACLES)
def test_derivatives_and_amplitudes_of_balanced_networks_have_their_digits(depth):
    *derivatives, amplitude = ORACLES[depth]
    assert balanced_derivatives(depth) == tuple(derivatives)
    assert_allclose(LineDescent.scalar_network(depth, 0.1).derivatives[:3], derivatives)
    assert_allclose(balanced_amplitude_squared(depth, 1.0), amplitude, rtol=3e-6)
    line = LineDescent.scalar_network(depth, 1e-4)
    assert_allclose(period_two(line).amplitude_squared(1e-4), SETTLED[depth], rtol=4e-6)
    assert_allclose(1 / (2 * period_two(line).criterion), amplitude, rtol=3e-6)


@pytest.mark.slow
@pytest.mark.parametrize("depth", ORACLES)
def test_descent_settles_on_the_digits(depth):
    free = LineDescent.scalar_network(depth, 1e-4)
    x = run_line_descent(dataclasses.replace(free, start=1e-3), 300_000, last=2).states["x"]
    assert_allclose(((x[-1] - x[-2]) / 2) ** 2, SETTLED[depth], rtol=4e-6)


def test_the_second_order_of_depth_two_is_exact():
    for mu in (0.01, 0.1):
        points = scalar_cycle(2, mu, 2).points
        assert_allclose((np.ptp(points) / 2) ** 2, mu / (8 + 4 * mu), rtol=1e-9)
        assert_allclose(period_two(LineDescent.scalar_network(2, mu)).amplitude_squared(mu), mu / 8 * (1 - mu / 2))


@pytest.mark.parametrize("depth", [2, 3, 8, 40])
def test_every_scalar_network_is_supercritical_with_multiplier_1_less_4_mu(depth):
    S, third, fourth = balanced_derivatives(depth)
    assert 3 * third**2 - fourth * S == 16 * depth**4 * (depth - 1) * (5 * depth - 4)
    assert period_two(LineDescent.scalar_network(depth, 0.1)).supercritical
    for mu in (1e-3, 1e-2):
        assert_allclose(scalar_cycle(depth, mu, 2).multiplier, period_two_multiplier(mu), atol=8 * mu**2)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.3, 3.0), min_size=2, max_size=5))
def test_derivatives_along_the_top_eigenvector_are_those_of_the_polynomial(weights):
    w = np.array(weights) / np.prod(weights) ** (1 / len(weights))
    top = 1 / w / np.linalg.norm(1 / w)
    product = np.poly1d([1.0])
    for value, unit in zip(w, top, strict=True):
        product = product * np.poly1d([unit, value])
    risk = (product - 1) ** 2
    expected = [np.polyder(risk, order)(0.0) for order in (2, 3, 4)]
    assert_allclose(layer_derivatives(w), expected, rtol=1e-9, atol=1e-9)
    assert_allclose(layer_derivatives(w)[0], 2 * np.sum(w**-2.0), rtol=1e-9)


def test_where_there_is_no_orbit_there_is_no_amplitude():
    steep = LineDescent(np.array([1.0, 0.0, 1.0]), 2.1)
    assert not period_two(steep).supercritical
    assert np.isnan(period_two(steep).amplitude_squared(0.1))
    assert period_two(steep).amplitude_squared(-0.1) > 0  # unstable, below the largest stable step
    straight = period_two(LineDescent(np.array([1.0]), 2.1))
    assert straight.criterion == 0
    assert np.isnan(straight.amplitude_squared(0.1))


def test_a_network_of_scalars_has_the_amplitude_of_its_line():
    scalar = DeepLinear(Regression(np.eye(1), np.ones(1)), 3)
    found = network_oscillation(scalar, flattest_minimizer(scalar, 1))
    assert_allclose(found.sharpness, 6.0)
    assert_allclose(found.amplitude_squared(1e-3), 3 * balanced_amplitude_squared(3, 1e-3), rtol=1e-9)
    assert found.drift < 1e-12


def test_sharpness_slopes_at_minimizers_that_are_not_flattest():
    assert network_oscillation(network(), flattest_minimizer(network(), 2)).drift < 1e-12
    balanced = network_oscillation(network(), balanced_minimizer(network(), 2))
    assert balanced.drift > 0.1
    assert np.isnan(balanced.amplitude_squared(-0.1))


@pytest.mark.slow
def test_random_lines_settle_or_jump_as_the_criterion_says():
    generator, settled, jumped = np.random.default_rng(0), 0, 0
    for _ in range(60):
        derivatives = generator.normal(size=5) * [1, 2, 6, 24, 60]
        derivatives[0] = abs(derivatives[0]) + 0.1
        found = period_two(LineDescent(derivatives, 1.0))
        top = 0.049 if found.supercritical else 1e-3
        mu = min(10 ** generator.uniform(-3.5, -1.5), top / (1 + abs(found.correction)))
        scale = np.sqrt(mu / 2 / abs(found.criterion))
        run = run_line_descent(LineDescent(derivatives, (2 + mu) / derivatives[0], 0.7 * scale), int(8 / mu) + 600)
        if found.supercritical:
            x, settled = run.states["x"], settled + 1
            assert_allclose(((x[-1] - x[-2]) / 2) ** 2, found.amplitude_squared(mu), rtol=0.02)
        else:
            jumped += 1
            assert run.states["farthest"][-1] > 10 * scale
    assert min(settled, jumped) > 4


def test_lines_and_layers_refuse_what_they_are_not():
    with pytest.raises(InputError, match="f'' at the minimum must be > 0, got -1"):
        LineDescent(np.array([-1.0]), 1.0)
    with pytest.raises(InputError, match="f'' at the minimum must be > 0"):
        LineDescent(np.array([]), 1.0)
    with pytest.raises(InputError, match="depth must be >= 1 and <= 64, got 65"):
        LineDescent.scalar_network(65, 0.1)
    with pytest.raises(InputError, match="excess must be"):
        LineDescent.scalar_network(3, -2)
    with pytest.raises(InputError, match="the weights must have product 1, got 2"):
        layer_derivatives([2.0, 1.0])
    with pytest.raises(InputError, match="depth must be >= 2, got 1"):
        balanced_amplitude_squared(1, 0.1)
