"""A constructed run of each class, and runs that are of none."""

import dataclasses
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    Momentum,
    Regression,
    RunClass,
    Tail,
    classified_run,
    descend,
    follow_tail,
    look_steps,
    needs_tail,
    run_class,
    run_history,
    scalar_cycle,
)
from fathometer.evidence import InputError

TWO = DeepLinear(Regression(np.eye(1), np.ones(1)), 2)
SLOW = DeepLinear(Regression(np.diag([1.0, 0.003]), np.array([1.0, 1.5])), 2)
LAST = 800


def layers(*values):
    return [np.full((1, 1), value) for value in values]


def told(step, *weights, steps=LAST):
    run = descend(TWO, layers(*weights), step, steps, every=steps // 50, store=True)
    return classified_run(run, step)


@pytest.mark.parametrize(
    ("step", "weights", "name", "period"),
    [
        (0.05, (0.5, 0.6), RunClass.FLOW_LIKE, None),
        (0.5, (3.0, 3.0), RunClass.DIVERGED, None),
        (2.5 / 18, (3.0, 0.05), RunClass.CATAPULT, None),
        (2.2 / 4, (1.02, 0.99), RunClass.PERIODIC, 2),
        (2.5 / 4, (1.02, 0.99), RunClass.PERIODIC, 4),
        (2.59 / 4, (1.02, 0.99), RunClass.PERIODIC, 8),
        (2.8 / 4, (1.02, 0.99), RunClass.CHAOTIC, None),
    ],
)
def test_constructed_runs_are_told_apart(step, weights, name, period):
    found = told(step, *weights, steps=50 if name is RunClass.CATAPULT else LAST)
    assert (found.name, found.period) == (name, period), found.reason
    if name is RunClass.CHAOTIC:
        assert found.lyapunov.lower > 0.2
    if name is RunClass.PERIODIC:
        assert found.lyapunov.upper < 0
    assert json.loads(json.dumps(found.to_json()))["name"] == str(name)


def test_a_run_at_the_edge_hovers_there():
    weights = [np.array([[0.3, 0.1]]), np.array([[0.8]])]
    found = classified_run(descend(SLOW, weights, 0.5, 1000, every=10, store=True), 0.5)
    assert found.name is RunClass.EDGE
    assert np.mean(np.abs(found.ratio[50:] - 1)) < 0.01


def test_what_is_between_the_classes_is_unclear():
    """Two steps from a start that is too sharp, at which nothing has been settled."""
    run = descend(TWO, layers(3.0, 0.05), 2.5 / 18, 2, store=True)
    history = run_history(run, 2 / (2.5 / 18), 2.5 / 18)
    found = run_class(history)
    assert found.name is RunClass.UNCLEAR
    assert "of its limit in" in found.reason
    assert np.isnan(found.lyapunov.value)
    assert needs_tail(history)


def test_the_exponent_of_a_cycle_is_that_across_the_line_of_equal_weights():
    """(w_1 - w_2) is multiplied by 1 + 2 step (w_1 w_2 - 1): slower to shrink than what the cycle does on the line."""
    mu = 0.2
    points = scalar_cycle(2, mu, 2).points
    tail = follow_tail(TWO, tuple(layers(1.1, 1.1)), (2 + mu) / 4, 1024)
    assert tail.period == 2
    assert_allclose(tail.lyapunov.value, np.mean(np.log(np.abs(1 + (2 + mu) / 2 * (points**2 - 1)))), rtol=1e-3)


@pytest.mark.parametrize(
    ("values", "period"),
    [
        (np.tile([1.0, 2.0], 200), 2),
        (np.tile([1.0, 2.0, 1.5], 200), 3),
        (np.ones(400), None),
        (np.random.default_rng(0).normal(size=400), None),
        (np.tile([1.0, 2.0], 200) + 1e-3 * np.arange(400), None),
        (1 + np.tile([-1.0, 1.0], 200) * np.exp(-np.arange(400) / 20), None),
    ],
    ids=("two", "three", "still", "noise", "drift", "decay"),
)
def test_the_return_map_finds_periods_and_nothing_else(values, period):
    tail = Tail(values, np.ones(len(values)), np.zeros(len(values) - 1))
    assert tail.period == period
    assert tail.lyapunov.lower <= 0 < tail.resolution


def test_exponents_of_noise_cover_their_mean():
    """99 percent intervals of the exponent, from blocks of independent growth."""
    draws = np.random.default_rng(1).normal(0.0, 1.0, (300, 480))
    tails = [Tail(np.zeros(481), np.ones(481), row) for row in draws]
    hits = [tail.lyapunov.lower <= 0 <= tail.lyapunov.upper for tail in tails]
    assert np.mean(hits) > 0.97


def test_momentum_moves_the_limit():
    run = descend(TWO, layers(0.5, 0.6), 0.05, 300, every=3, store=True, momentum=Momentum(0.5))
    found = classified_run(run, 0.05, Momentum(0.5))
    assert found.limit == 3 / 0.05
    assert found.name is RunClass.FLOW_LIKE


def test_history_is_what_the_weights_say():
    run = descend(TWO, layers(0.5, 0.6), 0.05, 40, every=10, store=True)
    history = run_history(run, 40.0, 0.05)
    w1, w2 = run.states["W1"][:, 0, 0], run.states["W2"][:, 0, 0]
    assert_allclose(history.imbalance, np.abs(w1**2 - w2**2))
    hessians = np.array([[[2 * b * b, 4 * a * b - 2], [4 * a * b - 2, 2 * a * a]] for a, b in zip(w1, w2, strict=True)])
    assert_allclose(history.sharpness.value, np.linalg.eigvalsh(hessians)[:, -1], rtol=1e-9)
    assert set(history.columns()) >= {"step", "loss", "sharpness", "imbalance", "stable_sharpness"}
    lost = run_history(descend(TWO, layers(3.0, 3.0), 0.5, 40, every=10, store=True), 4.0, 0.5)
    assert np.isnan(lost.loss[-1])
    assert len(run_history(run, most=2).at) == 2


def test_looks_are_few_for_large_networks():
    assert look_steps(5, [(2, 3), (1, 2)]) == (1, 2, 3, 4, 5)
    assert 80 < len(look_steps(10**6, [(10, 10)] * 8)) <= 120
    assert len(look_steps(10**6, [(3000, 3000)] * 3)) <= 4
    with pytest.raises(InputError, match="iterations must be >= 1, got 0"):
        look_steps(0, [(1, 1)])


@pytest.mark.slow
def test_the_run_of_the_tour_beyond_its_critical_step_is_periodic():
    """Diabetes, depth 8, 1.05 of the critical step: two points at excess risk .0116 and .0072, for good."""
    from fathometer.deep_linear import critical_step, minimal_sharpness, network_oscillation
    from fathometer.tour._deep_linear import displaced, load_table

    table = load_table("sklearn:diabetes", "target").standardized()
    problem = DeepLinear(Regression.from_data(table.features, table.target), 8)
    step = 1.05 * float(critical_step(minimal_sharpness(problem)).value)
    run = displaced(problem, step, 240)
    weights = run.problem.weights
    run = dataclasses.replace(run, problem=problem)
    found = classified_run(run, step)
    assert (found.name, found.period) == (RunClass.PERIODIC, 2)
    assert abs(found.lyapunov.value) < 1e-3
    assert_allclose(run.observed["excess_risk"].value[-2:], [0.0071927, 0.0116255], rtol=1e-4)
    end = np.concatenate([(state[-1] - state[-2]).ravel() / 2 for state in run.states.values()])
    assert_allclose(end @ end, network_oscillation(problem, weights).amplitude_squared(0.1), rtol=0.03)
