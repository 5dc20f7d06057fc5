import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import PLAIN, READOUT, cosines, network

from fathometer.data import load_table
from fathometer.deep_linear import (
    DeepLinear,
    Regression,
    critical_step,
    flattest_minimizer,
    growth_per_step,
    measure_largest_stable_step,
    minimal_sharpness,
    nearest_minimizer,
    scan_steps,
    sharpness_at_minimizer,
)
from fathometer.deep_linear.dynamics.descent._step_scan import largest_returning_step, next_to_flattest
from fathometer.deep_linear.model._network import total_norm
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Kind, Origin, Trajectory


def diabetes(depth, readout=None):
    table = load_table("sklearn:diabetes", "target").standardized()
    return DeepLinear(Regression.from_data(table.features, table.target), depth, readout)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [2, 4, 8, 16, 32, 64])
def test_the_measured_step_of_the_diabetes_data_is_the_predicted_one(depth):
    measured, predicted = (
        measure_largest_stable_step(diabetes(depth)),
        critical_step(minimal_sharpness(diabetes(depth))),
    )
    assert measured.kind is Kind.ENCLOSED
    assert measured.lower < predicted.value < measured.upper
    assert measured.upper / measured.lower - 1 < 1e-3


@pytest.mark.parametrize(
    ("problem", "width"),
    [
        (network(1), 1),
        (network(3), 1),
        (network(3), 5),
        (network(5, READOUT), 2),
        (network(2, w_star=np.array([1.0, 0.0]), sigma=np.diag([1.0, 100.0])), 2),  # a double top eigenvalue
    ],
)
def test_any_width_readout_and_depth(problem, width):
    measured = measure_largest_stable_step(problem, width=width)
    assert measured.lower < critical_step(minimal_sharpness(problem)).value < measured.upper


def test_the_start_is_as_far_from_the_minimizer_as_it_says():
    start, minimizer = next_to_flattest(network(3), 2, 1e-6, 0), flattest_minimizer(network(3), 2)
    moved = total_norm(tuple(a - b for a, b in zip(start, minimizer, strict=True))) / total_norm(minimizer)
    assert 0.5e-6 < moved < 2e-6


def scan_of(changes):
    axis = Axis(AxisKind.PARAMETER, np.arange(1.0, len(changes) + 1), "step size")
    observed = {"log_change": Estimate.exact(changes, along=axis)}
    return Trajectory(network(2), axis, {}, Origin.TRAINED, observed)


@pytest.mark.parametrize(
    ("changes", "lower", "upper"),
    [
        ([-9.0, -9.0, 9.0, math.inf], 2.0, 3.0),
        ([-9.0, -1.0, 1.0, 9.0], 1.0, 4.0),  # too slow to tell
        ([-9.0, 9.0, -9.0, 9.0], 1.0, 2.0),  # a lucky return above the threshold
        ([-9.0, math.nan, 9.0, 9.0], 1.0, 3.0),
        ([-9.0, -9.0, -9.0, -9.0], 4.0, math.inf),
        ([9.0, 9.0, 9.0, 9.0], 0.0, 1.0),
    ],
)
def test_the_bracket_is_read_off_decided_runs(changes, lower, upper):
    found = largest_returning_step(scan_of(changes))
    assert (found.lower, found.upper) == (lower, upper)


def test_a_range_without_threshold_is_reported_as_open():
    problem = network(2)
    low = scan_steps(problem, next_to_flattest(problem, 2, 1e-6, 0), [0.01, 0.02, 0.03], 2000)
    assert largest_returning_step(low) == Estimate.enclosed(0.03, 0.03, math.inf)


@pytest.mark.parametrize(("fraction", "factor"), [(0.95, 0.9), (1.05, 1.1), (0.3, 0.4), (0.7, 0.4)])
@pytest.mark.parametrize("depth", [1, 2, 10, 64])
def test_growth_per_step_at_the_flattest_minimizer(depth, fraction, factor):
    problem = diabetes(depth)
    weights = flattest_minimizer(problem, 2)
    step = fraction * 2 / sharpness_at_minimizer(problem, weights).value
    growth = growth_per_step(problem, weights, step, iterations=10)
    assert growth.kind is Kind.HEURISTIC
    assert_allclose(growth.value, math.log(factor), atol=2e-5)
    assert growth.upper - growth.lower < 1e-3


def test_growth_per_step_at_another_minimizer():
    problem = network(4)
    weights = nearest_minimizer(problem, cosines(PLAIN))
    assert_allclose(growth_per_step(problem, weights, 2.05 / 56.1110011770867).value, math.log(1.05), atol=1e-6)
    assert_allclose(growth_per_step(problem, weights, 1.95 / 56.1110011770867).value, math.log(0.95), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width must be >= 1"),
        ({"iterations": 0}, "iterations must be >= 1"),
        ({"perturbation": 0.5}, "perturbation must be > 0 and <= 0.01, got 0.5"),
        ({"seed": -1}, "seed must be >= 0"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        measure_largest_stable_step(network(3), **arguments)


def test_a_zero_target_has_no_largest_stable_step():
    with pytest.raises(InputError, match="w_star must explain something"):
        measure_largest_stable_step(network(3, w_star=np.zeros(3)))


def test_bad_stability_tests_are_refused():
    minimizer = nearest_minimizer(network(4), cosines(PLAIN))
    with pytest.raises(InputError, match="step must be > 0"):
        growth_per_step(network(4), minimizer, 0.0)
    with pytest.raises(InputError, match="weights must have no batch axis"):
        growth_per_step(network(4), [np.stack([m, m]) for m in minimizer], 0.1)
