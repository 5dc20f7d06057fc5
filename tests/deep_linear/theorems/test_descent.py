"""Theorems on descent: the drift of the imbalance, the rate next to a minimizer, and where a step lets it end."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DescentEnd,
    DescentPath,
    StabilityTest,
    balanced_minimizer,
    descend,
    descent_factors,
    flattest_minimizer,
    imbalances,
    local_rates,
    path_sharpness,
    random_minimizers,
    reduced_sharpness,
    sharpness_at_minimizer,
    spread_descent,
)
from fathometer.deep_linear.observables._segment_sharpness import _change
from fathometer.evidence import AtMost, Estimate, InputError, Status, Within
from tests.oracles.deep_linear import PLAIN, READOUT, cosines, network
from tests.oracles.deep_linear_flow import SQUARE, sines

DRIFT, RATE, LIMIT = map(theorem, ("imbalance_drift_bound", "descent_rate", "descent_limit"))
START = sines(SQUARE, 0.6)


def sabotaged(original, predict):
    return dataclasses.replace(original, predict=lambda problem, axis: predict(original.predict(problem, axis)))


@pytest.fixture(scope="module")
def path():
    return DescentPath(network(4), START, 0.02, 60)


def test_the_drift_is_within_its_bound_at_every_length(path):
    """Also for each shorter run, with the risk that it has reached, and never by the bound's own doing."""
    verdict = DRIFT.test(path.run)
    assert verdict.status is Status.HOLDS
    assert 0.1 < verdict.measured.value / verdict.prediction.bound.value < 0.5
    drifts = np.max([np.abs(np.linalg.eigvalsh(D - D[0])).sum(axis=-1) for D in imbalances(path.layers)], axis=0)
    assert_allclose(drifts[-1], verdict.measured.value)
    risks = np.asarray(path.run.observed["excess_risk"].value)
    room = 1 - path.step * path.sharpness.value / 2
    assert np.all(drifts <= path.step * (risks[0] - risks) / room + 1e-12)


def test_the_drift_is_of_the_order_of_the_step():
    """Half the step and twice the number of steps: half the drift."""
    drifts = [DRIFT.test(DescentPath(network(4), START, 0.02 / k, 40 * k).run).measured.value for k in (2, 4)]
    assert_allclose(drifts[0] / drifts[1], 2, rtol=0.1)


def test_the_drift_bound_needs_a_small_step():
    verdict = DRIFT.test(DescentPath(network(4), START, 0.08, 60).run)
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < -1
    assert "step times sharpness stays below 2 on the path" in verdict.explanation
    assert DRIFT.test(DescentPath(network(4), START, 5.0, 60).run).status is Status.INAPPLICABLE
    assert DRIFT.test(DescentPath(network(1), (np.ones((1, 3)),), 0.02, 5).run).status is Status.INAPPLICABLE


def test_half_the_drift_is_too_little(path):
    wrong = sabotaged(DRIFT, lambda prediction: AtMost(prediction.bound.value / 10, domain=(0.0, None)))
    assert wrong.test(path.run).status is Status.VIOLATED
    bare = dataclasses.replace(path.run, states={})
    with pytest.raises(InputError, match="the drift needs the weights, but state 'W1' was not stored"):
        DRIFT.test(bare)


def test_a_sharpness_that_may_reach_the_limit_leaves_it_open(path):
    """The same run, with an enclosure of the sharpness that straddles 2 / step."""
    open_path = dataclasses.replace(path)
    object.__setattr__(open_path, "sharpness", Estimate.enclosed(60.0, 60.0, 120.0))
    verdict = DRIFT.judge(open_path, Estimate.exact(1e-3))
    assert verdict.status is Status.UNDECIDED
    assert verdict.prediction.bound.upper == math.inf


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.floats(-4, 0), st.integers(0, 2**31), st.booleans())
def test_the_enclosure_of_the_sharpness_holds_on_segments(depth, size, seed, residual):
    generator = np.random.default_rng(seed)
    widths = [3] * (depth + 1) if residual else [3, *generator.integers(1, 5, depth - 1), 1]
    problem = network(depth, READOUT if residual else None)
    shapes = list(zip(widths[1:], widths[:-1], strict=True))
    ends = [[generator.normal(0, 0.7, shape) for shape in shapes]]
    ends.append([matrix + 10**size * generator.standard_normal(matrix.shape) for matrix in ends[0]])
    weights = tuple(np.stack(pair) for pair in zip(*ends, strict=True))
    shares = np.linspace(0, 1, 17)
    tops = np.array([reduced_sharpness(problem, [a + t * (b - a) for a, b in weights]).value for t in shares])
    found = path_sharpness(problem, weights)
    assert found.lower >= max(tops[0], tops[-1])
    assert tops.max() <= found.upper * (1 + 1e-12)
    assert np.ptp(tops) <= float(_change(problem, weights)[0]) * (1 + 1e-9)


@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize("fraction", [0.3, 0.95, 1.05])
def test_the_rate_of_descent(fraction, readout):
    problem = network(5, readout)
    weights = flattest_minimizer(problem, 2)
    step = fraction * 2 / float(sharpness_at_minimizer(problem, weights).value)
    verdict = RATE.test(spread_descent(StabilityTest(problem, weights, step)))
    assert verdict.status is Status.HOLDS
    factors = descent_factors(problem, weights, step)
    assert (factors.max() > 1) == (fraction > 1)
    assert_allclose(verdict.measured.value[-1], np.log(factors.max()), rtol=0.12)


def test_the_best_step_contracts_by_the_conditioning():
    """(kappa - 1) / (kappa + 1) per step, and no other constant step is better."""
    problem = network(6)
    weights = balanced_minimizer(problem, 3)
    rates = local_rates(problem, weights)
    best = float(rates.best_step)
    kappa = float(rates.condition)
    run = spread_descent(StabilityTest(problem, weights, best), 200)
    excess = np.asarray(run.observed["excess_risk"].value)
    assert_allclose(np.sqrt(excess[40] / excess[20]) ** (1 / 20), (kappa - 1) / (kappa + 1), rtol=1e-3)
    others = [descent_factors(problem, weights, factor * best).max() for factor in (0.9, 1.1)]
    assert min(others) > descent_factors(problem, weights, best).max()


def test_the_rate_is_about_minimizers_and_not_about_anything():
    assert RATE.test(spread_descent(StabilityTest(network(4), cosines(PLAIN), 0.01), 8)).status is Status.INAPPLICABLE
    weights = flattest_minimizer(network(4), 2)
    run = spread_descent(StabilityTest(network(4), weights, 0.02))
    wrong = sabotaged(RATE, lambda prediction: Within(prediction.lower.value - 1, prediction.upper.value - 1))
    assert wrong.test(run).status is Status.VIOLATED
    lost = spread_descent(StabilityTest(network(4), weights, 5.0), 200)
    assert RATE.test(lost).status is Status.UNDECIDED


def test_singular_data_have_a_rate_on_what_they_show():
    problem = network(3, sigma=np.diag([0.0, 1.0, 2.0]))
    weights = random_minimizers(problem, 3, 1, 0)
    one = tuple(matrix[0] for matrix in weights)
    step = 1 / float(sharpness_at_minimizer(problem, one).value)
    assert descent_factors(problem, one, step).size == 2
    assert RATE.test(spread_descent(StabilityTest(problem, one, step))).status is Status.HOLDS


def whole(start, step, iterations):
    return DescentEnd(network(4), start, step, iterations).run


def test_descent_ends_below_two_over_its_step():
    """From the same start: a step that is small enough ends anywhere, a larger one has to flatten."""
    small, large = (LIMIT.test(whole(START, step, 8000)) for step in (0.02, 0.05))
    assert small.status is large.status is Status.HOLDS
    assert large.measured.value < 40 < 2 / 0.02
    beyond = LIMIT.test(whole(START, 0.06, 4000))  # 2 / S_min = 0.0573
    assert beyond.status is Status.INAPPLICABLE
    assert "the run has converged" in beyond.explanation


def test_a_start_at_a_sharp_minimizer_is_in_the_null_set():
    minimizer = tuple(matrix[0] for matrix in random_minimizers(network(4), 3, 1, 3))
    assert LIMIT.test(whole(minimizer, 0.05, 10)).status is Status.INAPPLICABLE
    wrong = sabotaged(LIMIT, lambda prediction: AtMost(prediction.bound.value / 10, domain=(0.0, None)))
    assert wrong.test(whole(START, 0.02, 8000)).status is Status.VIOLATED
    zero = DescentEnd(network(4, w_star=np.zeros(3)), START, 0.02, 5)
    assert LIMIT.judge(zero, Estimate.exact(1.0)).status is Status.INAPPLICABLE


def test_theorems_on_descent_refuse_other_problems_and_missing_weights():
    run = descend(network(4), START, 0.02, 3)
    for statement, kind in ((DRIFT, "DescentPath"), (LIMIT, "DescentEnd")):
        with pytest.raises(InputError, match=f"the problem must be of type {kind}, got DeepLinear"):
            statement.test(run)
    with pytest.raises(InputError, match="the problem must be of type StabilityTest, got DeepLinear"):
        RATE.test(run)
    with pytest.raises(InputError, match="the end needs the weights"):
        LIMIT.test(dataclasses.replace(run, problem=DescentEnd(network(4), START, 0.02, 8000)))
    test = StabilityTest(network(4), flattest_minimizer(network(4), 2), 0.02, spread=True)
    with pytest.raises(InputError, match="the rate of descent needs a measurement along its steps"):
        RATE.judge(test, Estimate.exact(0.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"step": 0.0}, "step must be > 0, got 0"),
        ({"iterations": 0}, "iterations must be >= 1, got 0"),
        ({"weights": tuple(matrix[None] for matrix in START)}, "weights must have no batch axis"),
        ({"weights": START[:2]}, "weights must be 4 matrices, got 2"),
    ],
)
def test_bad_paths_are_refused(change, message):
    good = {"network": network(4), "weights": START, "step": 0.02, "iterations": 5}
    with pytest.raises(InputError, match=message):
        DescentPath(**(good | change))
