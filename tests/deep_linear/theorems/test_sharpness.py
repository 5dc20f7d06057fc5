import dataclasses
import json
import math

import numpy as np
import pytest

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    StabilityTest,
    as_states,
    descend,
    displaced_descent,
    flattest_minimizer,
    growth_per_step,
    measure_largest_stable_step,
    minimal_sharpness,
    nearest_minimizer,
    random_minimizers,
    scan_steps,
    sharpness_at_minimizer,
)
from fathometer.deep_linear.dynamics.descent._step_scan import next_to_flattest
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
from tests.oracles.deep_linear import PLAIN, READOUT, cosines, network

LOWER, EXACT, BRACKET, STEP, STABILITY = map(
    theorem,
    (
        "sharpness_lower_bound",
        "minimal_sharpness_exact",
        "minimal_sharpness_bracket",
        "largest_stable_step",
        "descent_stability",
    ),
)
SINGULAR = np.diag([0.0, 1.0, 2.0])


def draws(problem, weights):
    """Minimizers as a trajectory of draws."""
    return Trajectory(
        problem, Axis(AxisKind.DRAW, np.arange(float(len(weights[0])))), as_states(weights), Origin.SIMULATED
    )


def sabotaged(original, predict):
    return dataclasses.replace(original, predict=lambda problem, axis: predict(original.predict(problem, axis)))


@pytest.mark.parametrize("statement", [LOWER, EXACT, BRACKET, STEP, STABILITY], ids=lambda t: t.id)
def test_theorems_are_data(statement):
    assert statement.theory == "deep_linear"
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement
    assert "2405.13456" in statement.source.reference.bibtex()


@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize("statement", [LOWER, EXACT], ids=lambda t: t.id)
def test_lower_bounds_hold_for_all_minimizers(statement, readout):
    problem = network(4, readout)
    verdict = statement.test(draws(problem, random_minimizers(problem, 3, 500, seed=0)))
    assert verdict.status is Status.HOLDS
    assert verdict.margin > 0
    assert statement.judge(problem, sharpness_at_minimizer(problem, flattest_minimizer(problem, 2))).status == "HOLDS"


@pytest.mark.parametrize("statement", [LOWER, EXACT, BRACKET], ids=lambda t: t.id)
def test_bounds_hold_where_they_are_tight(statement):
    problem = network(5, READOUT, np.array([0.0, 0.0, -2.0]), np.diag([0.1, 1.0, 3.0]))
    measured = sharpness_at_minimizer(problem, flattest_minimizer(problem, 3))
    assert statement.judge(problem, measured).status is Status.HOLDS


@pytest.mark.parametrize("statement", [LOWER, EXACT], ids=lambda t: t.id)
def test_lower_bounds_turned_round_are_violated(statement):
    problem = network(4)
    wrong = sabotaged(statement, lambda prediction: AtMost(prediction.bound))
    verdict = wrong.test(draws(problem, random_minimizers(problem, 3, 50, seed=0)))
    assert verdict.status is Status.VIOLATED
    assert verdict.margin < 0


def test_the_exact_bound_cannot_be_raised():
    problem = network(4)
    wrong = sabotaged(EXACT, lambda prediction: AtLeast(prediction.bound.value * (1 + 1e-9)))
    measured = sharpness_at_minimizer(problem, flattest_minimizer(problem, 2))
    assert wrong.judge(problem, measured).status is Status.VIOLATED


@pytest.mark.parametrize("statement", [LOWER, BRACKET], ids=lambda t: t.id)
def test_singular_data_and_a_zero_target_are_outside_theorem_1(statement):
    singular = network(3, w_star=np.array([0.0, 1.0, 1.0]), sigma=SINGULAR)
    verdict = statement.judge(singular, minimal_sharpness(singular))
    assert verdict.status is Status.INAPPLICABLE
    assert "sigma is positive definite" in verdict.explanation
    assert verdict.margin < 0
    verdict = statement.judge(network(3, w_star=np.zeros(3)), Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "w_star is not zero" in verdict.explanation


def test_singular_data_are_inside_the_exact_theorem():
    problem = network(3, w_star=np.array([0.0, 1.0, 1.0]), sigma=SINGULAR)
    assert EXACT.test(draws(problem, random_minimizers(problem, 2, 100, seed=0))).status is Status.HOLDS


def test_bounds_of_zero_say_nothing():
    assert EXACT.judge(network(3, w_star=np.zeros(3)), Estimate.exact(1.0)).status is Status.VACUOUS
    tiny = network(64, w_star=np.array([1e-200, 0, 0]))
    assert LOWER.judge(tiny, Estimate.exact(1.0)).status is Status.VACUOUS


@pytest.mark.parametrize("statement", [LOWER, EXACT, BRACKET], ids=lambda t: t.id)
def test_wide_error_bars_leave_it_open(statement):
    measured = Estimate.heuristic(40.0, 10.0, 90.0)
    assert statement.judge(network(4), measured).status is Status.UNDECIDED


def test_weights_that_are_no_minimizers_decide_nothing():
    weights = tuple(np.stack([*pair]) for pair in zip(flattest_minimizer(network(4), 3), cosines(PLAIN), strict=True))
    for statement in (LOWER, EXACT):
        verdict = statement.test(draws(network(4), weights))
        assert verdict.status is Status.UNDECIDED
        assert np.isnan(verdict.measured.value).tolist() == [False, True]
    assert BRACKET.test(draws(network(4), weights)).status is Status.HOLDS


def test_one_sharp_minimizer_leaves_the_smallest_sharpness_open():
    problem = network(4)
    drawn = random_minimizers(problem, 3, 50, seed=0)
    sharpest = int(np.argmax(sharpness_at_minimizer(problem, drawn).value))
    verdict = BRACKET.test(draws(problem, tuple(matrix[[sharpest]] for matrix in drawn)))
    assert verdict.status is Status.UNDECIDED
    assert verdict.measured.lower < verdict.prediction.upper.value < verdict.measured.upper


def test_a_scan_from_elsewhere_says_nothing_about_the_largest_step():
    problem = network(3)
    drawn = tuple(matrix[0] for matrix in random_minimizers(problem, 3, 1, seed=0))
    for start in (drawn, cosines(((3, 3), (3, 3), (1, 3)))):
        assert STEP.test(scan_steps(problem, start, [0.01, 0.02], 10)).status is Status.UNDECIDED


@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize("depth", [1, 2, 3, 10, 64])
def test_the_minimum_is_in_the_bracket(depth, readout):
    problem = network(depth, readout)
    assert BRACKET.judge(problem, minimal_sharpness(problem)).status is Status.HOLDS


def test_the_flattest_of_many_is_in_the_bracket():
    problem = network(4)
    verdict = BRACKET.test(draws(problem, random_minimizers(problem, 3, 500, seed=0)))
    assert verdict.status is Status.HOLDS
    wrong = sabotaged(BRACKET, lambda prediction: Within(prediction.lower.value / 2, prediction.lower.value))
    assert wrong.judge(problem, minimal_sharpness(problem)).status is Status.VIOLATED


def test_the_largest_stable_step():
    problem = network(6)
    measured = measure_largest_stable_step(problem)
    assert STEP.judge(problem, measured).status is Status.HOLDS
    wrong = sabotaged(STEP, lambda prediction: Within(2 * prediction.lower.value, 2 * prediction.upper.value))
    assert wrong.judge(problem, measured).status is Status.VIOLATED


def test_a_scan_of_steps_is_judged_as_it_is():
    problem = network(3)
    start, centre = next_to_flattest(problem, 2, 1e-6, 0), 2 / minimal_sharpness(problem).value
    scan = scan_steps(problem, start, centre * np.linspace(0.99, 1.01, 21), 5000)
    assert STEP.test(scan).status is Status.HOLDS
    coarse = scan_steps(problem, start, centre * np.array([0.5, 0.9, 1.1]), 1000)
    assert STEP.test(coarse).status is Status.UNDECIDED


def test_without_a_target_there_is_no_largest_stable_step():
    verdict = STEP.judge(network(3, w_star=np.zeros(3)), Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "w_star explains something" in verdict.explanation


def flattest_test(fraction, problem):
    weights = flattest_minimizer(problem, 2)
    return StabilityTest(problem, weights, fraction * 2 / sharpness_at_minimizer(problem, weights).value)


@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize(("fraction", "factor"), [(0.95, 0.9), (1.05, 1.1)])
def test_descent_contracts_below_and_grows_above_the_critical_step(fraction, factor, readout):
    test = flattest_test(fraction, network(10, readout))
    verdict = STABILITY.test(displaced_descent(test))
    assert verdict.status is Status.HOLDS
    assert verdict.prediction.lower.value < math.log(factor) < verdict.prediction.upper.value
    measured = growth_per_step(test.network, test.weights, test.step)
    assert STABILITY.judge(test, measured).status is Status.HOLDS


def test_stability_with_the_wrong_rate_is_violated():
    test = flattest_test(1.05, network(10))
    wrong = sabotaged(STABILITY, lambda prediction: Within(-prediction.upper.value, -prediction.lower.value))
    assert wrong.test(displaced_descent(test)).status is Status.VIOLATED


def test_stability_is_about_minimizers():
    test = StabilityTest(network(4), cosines(PLAIN), 0.01)
    verdict = STABILITY.test(displaced_descent(test))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < -0.1
    assert "the weights are a global minimizer" in verdict.explanation


def test_a_run_that_diverged_decides_nothing_about_the_rate():
    weights = nearest_minimizer(network(4), cosines(PLAIN))
    test = StabilityTest(network(4), weights, 5.0)
    assert STABILITY.test(displaced_descent(test, 200)).status is Status.UNDECIDED


def test_theorems_refuse_problems_of_another_kind():
    test = flattest_test(0.95, network(3))
    with pytest.raises(InputError, match="the problem must be of type DeepLinear, got StabilityTest"):
        LOWER.judge(test, Estimate.exact(1.0))
    with pytest.raises(InputError, match="the problem must be of type StabilityTest, got DeepLinear"):
        STABILITY.test(descend(network(4), cosines(PLAIN), 0.01, 2))


@pytest.mark.parametrize("statement", [LOWER, EXACT, BRACKET, STEP], ids=lambda t: t.id)
def test_runs_that_did_not_store_their_weights_are_refused(statement):
    bare = Trajectory(network(4), Axis(AxisKind.STEP, np.arange(3.0)), {}, Origin.TRAINED)
    with pytest.raises(InputError, match="needs the weights, but state 'W1' was not stored"):
        statement.test(bare)
