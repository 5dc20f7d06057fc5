import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import READOUT, UNEVEN, cosines, network

from fathometer.deep_linear import (
    Momentum,
    StabilityTest,
    Training,
    descend_batch,
    displaced_descent,
    flattest_minimizer,
    gradient,
    random_minimizers,
    sharpness_at_minimizer,
    spread_descent,
)
from fathometer.deep_linear.observables._displacement import log_growth, log_spectral_radius
from fathometer.deep_linear.theorems.descent import descent_rate, descent_stability
from fathometer.deep_linear.theorems.descent.momentum_stability import THEOREM
from fathometer.evidence import InputError, Status, Within


def momentum_by_hand(problem, weights, step, momentum, iterations):
    """Heavy ball and Nesterov as they are written."""
    now = before = list(weights)
    for _ in range(iterations):
        ahead = [w + momentum.beta * (w - v) for w, v in zip(now, before, strict=True)]
        slopes = gradient(problem, ahead if momentum.nesterov else now)
        before, now = now, [w - step * slope for w, slope in zip(ahead, slopes, strict=True)]
    return now


@pytest.mark.parametrize("momentum", [Momentum(0.5), Momentum(0.9), Momentum(0.5, True), Momentum(0.9, True)])
def test_momentum_step_by_step(momentum):
    problem, weights = network(4), tuple(0.6 * matrix for matrix in cosines(UNEVEN))
    run = descend_batch(problem, weights, [0.002, 0.001], Training(25, momentum=momentum))
    for i, step in enumerate([0.002, 0.001]):
        expected = momentum_by_hand(problem, weights, step, momentum, 25)
        for found, matrix in zip(run.weights, expected, strict=True):
            assert_allclose(found[i], matrix, rtol=1e-11, atol=1e-13)


def test_no_momentum_is_plain_descent():
    problem, weights = network(2, READOUT), cosines(((3, 3), (3, 3)))
    plain = descend_batch(problem, weights, [0.01], Training(20))
    for momentum in (Momentum(0.0), Momentum(0.0, True)):
        run = descend_batch(problem, weights, [0.01], Training(20, momentum=momentum))
        assert_allclose(run.excess_risk, plain.excess_risk, rtol=1e-12)


@pytest.mark.parametrize(
    ("beta", "nesterov", "reach"), [(0.0, False, 2), (0.5, False, 3), (0.9, False, 3.8), (0.5, True, 1.5)]
)
def test_the_reach_of_momentum_is_the_closed_form(beta, nesterov, reach):
    assert_allclose(Momentum(beta, nesterov).reach, reach, rtol=1e-15)
    assert_allclose(Momentum(0.9, True).reach, 1.357142857, rtol=1e-9)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("beta", [0.1, 0.5, 0.9])
def test_the_radius_passes_one_at_the_reach(beta, nesterov):
    momentum = Momentum(beta, nesterov)
    assert_allclose(momentum.spectral_radius(momentum.reach), 1, rtol=1e-12)
    for x in np.linspace(0.01, 0.999, 30):
        assert momentum.spectral_radius(x * momentum.reach) < 1
        assert momentum.spectral_radius(momentum.reach / x) > 1


def case(factor, momentum, weights=None):
    problem = network(4)
    weights = weights or tuple(matrix[0] for matrix in random_minimizers(problem, 3, 1, 0))
    step = factor * momentum.reach / sharpness_at_minimizer(problem, weights).value
    return StabilityTest(problem, weights, step, momentum)


@pytest.mark.parametrize("factor", [0.3, 0.95, 1.05])
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("beta", [0.5, 0.9])
def test_it_holds_below_and_above_the_threshold(beta, nesterov, factor):
    verdict = THEOREM.test(displaced_descent(case(factor, Momentum(beta, nesterov))))
    assert verdict.status is Status.HOLDS
    assert (verdict.measured.value > 0) == (factor > 1)


def test_it_holds_at_a_flattest_minimizer():
    weights = flattest_minimizer(network(4), 3)
    assert THEOREM.test(displaced_descent(case(1.05, Momentum(0.5), weights))).status is Status.HOLDS


def test_without_momentum_it_leaves_the_word_to_the_stability_of_descent():
    run = displaced_descent(case(0.95, Momentum(0.0)))
    assert THEOREM.test(run).status is Status.INAPPLICABLE
    assert descent_stability.THEOREM.test(run).status is Status.HOLDS
    assert_allclose([log_spectral_radius(run).value, log_growth(run).value], np.log(0.9), atol=1e-4)


@pytest.mark.parametrize(("theorem", "run"), [(descent_stability, displaced_descent), (descent_rate, spread_descent)])
def test_theorems_on_plain_descent_are_inapplicable_with_momentum(theorem, run):
    verdict = theorem.THEOREM.test(run(case(0.5, Momentum(0.5)), 3))
    assert verdict.status is Status.INAPPLICABLE
    assert "descent is plain, without momentum" in verdict.explanation


def test_it_is_inapplicable_away_from_minimizers():
    test = case(0.5, Momentum(0.5))
    away = dataclasses.replace(test, weights=(test.weights[0] + 0.1, *test.weights[1:]))
    verdict = THEOREM.test(displaced_descent(away))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < -1e-3


def test_a_threshold_without_momentum_is_violated():
    def without(problem, axis):
        factor = abs(1 - problem.step * sharpness_at_minimizer(problem.network, problem.weights).value)
        return Within(np.log(factor) - 1e-3, np.log(factor) + 1e-3)

    sabotaged = dataclasses.replace(THEOREM, predict=without)
    assert sabotaged.test(displaced_descent(case(0.95, Momentum(0.9)))).status is Status.VIOLATED


def test_a_run_that_overflows_is_undecided():
    run = displaced_descent(case(1.05, Momentum(0.5)))
    lost = dataclasses.replace(run, states={name: np.full_like(state, np.nan) for name, state in run.states.items()})
    assert THEOREM.test(lost).status is Status.UNDECIDED


def test_bad_values_are_refused():
    for beta in (-0.1, 1.0, np.nan):
        asked = "< 1 and >= 0" if np.isfinite(beta) else "finite and < 1 and >= 0"
        with pytest.raises(InputError, match=f"beta must be {asked}, got {beta}"):
            Momentum(beta)
    test = case(0.5, Momentum(0.5))
    with pytest.raises(InputError, match="step must be > 0"):
        dataclasses.replace(test, step=0.0)
    with pytest.raises(InputError, match="no batch axis"):
        dataclasses.replace(test, weights=tuple(matrix[None] for matrix in test.weights))
    with pytest.raises(InputError, match="must be of type StabilityTest, got DeepLinear"):
        THEOREM.predict(network(2), None)
