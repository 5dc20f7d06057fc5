import dataclasses
import json
import math

import numpy as np
import pytest

from fathometer.catalogue import theorem
from fathometer.deep_linear import (
    DeepLinear,
    Regression,
    ResidualStart,
    excess_risk,
    linear_limit,
    minimal_sharpness,
    residual_flow,
    sharpness_at_minimizer,
)
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
)
from tests.oracles.deep_linear import paper_data
from tests.oracles.deep_linear_residual import flow

NAMES = ("residual_pl", "residual_rate", "residual_motion", "residual_sharpness", "residual_flatness")
PL, RATE, MOTION, SHARPNESS, FLATNESS = EXPLICIT = tuple(map(theorem, NAMES))
PUBLISHED = theorem("residual_gaussian")
SIGMA, READOUT = np.diag([1, 0.8, 0.6, 0.5]), np.array([1.0, 0, 0, 0])
ORACLE = {  # depth: largest distance, S, bound on S, S / S_min, bound on it
    2: (0.030162118496, 3.93022, 7.5885, 1.00002, 2.26),
    5: (0.030475386794, 9.72125, 19.2669, 1.00013, 2.53),
    20: (0.030613360857, 38.67776, 77.694, 1.00022, 2.67),
}


def identity_start(depth, share=0.999):
    """Identity layers whose distance to the minimizers is a share of what is allowed at radius 1/6."""
    layers, z = (np.eye(4),) * depth, np.array([-1, 1, -1, 1]) / 2
    exact = ResidualStart(DeepLinear(Regression(SIGMA, READOUT), depth, READOUT), layers, 1 / 6)
    shift = share * math.sqrt(exact.allowed_excess) * z / np.linalg.norm(np.sqrt(SIGMA) @ z)
    return ResidualStart(DeepLinear(Regression(SIGMA, READOUT + shift), depth, READOUT), layers, 1 / 6)


def run(start, end=12.0):
    times = np.concatenate([[0.0], np.geomspace(1e-3, end, 40)]) / start.network.depth
    return flow(start, start.network, start.weights, times)


@pytest.fixture(scope="module")
def runs():
    return {depth: run(identity_start(depth)) for depth in ORACLE}


def gaussian_start(scale, seed=0):
    generator = np.random.default_rng(seed)
    layers = tuple(np.eye(12) + scale / 12 * generator.standard_normal((12, 12)) for _ in range(12))
    readout, sigma = np.full(12, 12**-0.5), np.diag(np.linspace(0.5, 1, 12))
    product = readout
    for layer in reversed(layers):
        product = layer.T @ product
    at = ResidualStart(DeepLinear(Regression(sigma, product), 12, readout), layers)
    shift = generator.normal(size=12)
    shift *= 0.999 * math.sqrt(at.allowed_excess) / np.linalg.norm(np.sqrt(sigma) @ shift)
    return ResidualStart(DeepLinear(Regression(sigma, product + shift), 12, readout), layers)


@pytest.fixture(scope="module")
def gaussian_runs():
    return {scale: run(gaussian_start(scale)) for scale in (0.1, 0.25)}


@pytest.mark.parametrize("depth", ORACLE)
def test_from_the_identity_every_conclusion_holds(runs, depth):
    for statement in EXPLICIT:
        verdict = statement.test(runs[depth])
        assert verdict.status is Status.HOLDS, verdict.explanation
        assert all(check.answer == "holds" for check in verdict.checks)


@pytest.mark.parametrize(("depth", "expected"), ORACLE.items())
def test_the_table_of_identity_starts(runs, depth, expected):
    threshold, sharpness, bound, ratio, ratio_bound = expected
    trajectory = runs[depth]
    start = trajectory.problem
    assert math.sqrt(start.allowed_excess) == pytest.approx(threshold, rel=1e-9)
    verdicts = {statement.id: statement.test(trajectory) for statement in EXPLICIT}
    assert verdicts["residual_sharpness"].measured.value == pytest.approx(sharpness, rel=1e-5)
    assert verdicts["residual_sharpness"].prediction.bound.value == pytest.approx(bound, rel=1e-4)
    assert verdicts["residual_flatness"].measured.value == pytest.approx(ratio, abs=1e-5)
    assert verdicts["residual_flatness"].prediction.bound.value == pytest.approx(ratio_bound, abs=5e-3)
    motion = np.max(verdicts["residual_motion"].measured.value)
    assert 0.0355 < motion < 0.0363
    assert verdicts["residual_motion"].prediction.bound.value == pytest.approx(0.999 / 6, rel=1e-9)
    weakest = np.min(verdicts["residual_pl"].measured.value) / start.pl_constant
    assert 1.92 < weakest < 2.01


@pytest.mark.parametrize("scale", [0.1, 0.25])
def test_from_gaussian_weights_every_conclusion_holds(gaussian_runs, scale):
    for statement in EXPLICIT:
        verdict = statement.test(gaussian_runs[scale])
        assert verdict.status is Status.HOLDS, verdict.explanation


def test_from_gaussian_weights_all_stays_well_inside(gaussian_runs):
    """The ranges of 4.11 (b), for another draw of the same law."""
    for scale, ratio_bound in ((0.1, 8), (0.25, 30)):
        trajectory = gaussian_runs[scale]
        start = trajectory.problem
        assert start.excess / start.allowed_excess == pytest.approx(0.999**2)
        assert np.max(MOTION.test(trajectory).measured.value) < 0.25 * start.radius
        assert np.min(PL.test(trajectory).measured.value) > 3 * start.pl_constant
        verdict = FLATNESS.test(trajectory)
        assert 1 <= verdict.measured.value < 1.7
        assert verdict.prediction.bound.value < ratio_bound


def outside():
    """The paper's residual network at scale 0: the hypothesis fails by three orders of magnitude."""
    X, y = paper_data()
    readout = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0][0]
    return ResidualStart(DeepLinear(Regression.from_data(X, y), 10, readout), (np.eye(5),) * 10)


@pytest.mark.parametrize("statement", EXPLICIT, ids=lambda t: t.id)
def test_the_experiments_of_the_paper_are_outside(statement):
    verdict = statement.judge(outside(), Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "R(0) - R_min is at most what is allowed" in verdict.explanation
    assert -5000 < verdict.margin < -500


@pytest.mark.parametrize("statement", EXPLICIT, ids=lambda t: t.id)
def test_singular_data_and_singular_layers_are_outside(statement):
    flat = DeepLinear(Regression(np.diag([1.0, 0.0]), np.array([1.0, 0.0])), 2, np.array([1.0, 0.0]))
    verdict = statement.judge(ResidualStart(flat, (np.eye(2),) * 2), Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert [check.answer for check in verdict.checks] == ["fails", "fails"]
    singular = ResidualStart(identity_start(2).network, (np.eye(4), np.diag([1.0, 1, 1, 0])))
    assert singular.radius == 0
    assert singular.layer_motion == math.inf
    assert statement.judge(singular, Estimate.exact(1.0)).status is Status.INAPPLICABLE


@pytest.mark.parametrize("statement", EXPLICIT, ids=lambda t: t.id)
def test_bounds_turned_round_are_violated(runs, statement):
    def predict(problem, axis):
        bound = statement.predict(problem, axis).bound
        return AtMost(bound) if statement is PL else AtLeast(bound)

    verdict = dataclasses.replace(statement, predict=predict).test(runs[5])
    assert verdict.status is Status.VIOLATED


def test_a_flow_towards_another_target_is_violated(runs):
    """States that leave the tube: the flow of a network whose target is further away."""
    start = runs[2].problem
    far = dataclasses.replace(
        start.network, regression=Regression(SIGMA, READOUT + 8 * (start.network.regression.w_star - READOUT))
    )
    wrong = dataclasses.replace(run(dataclasses.replace(start, network=far)), problem=start)
    assert MOTION.test(wrong).status is Status.VIOLATED
    assert RATE.test(wrong).status is Status.VIOLATED


@pytest.mark.parametrize("statement", [PL, MOTION, SHARPNESS], ids=lambda t: t.id)
def test_wide_error_bars_leave_it_open(statement):
    verdict = statement.judge(identity_start(3), Estimate.heuristic(1.0, 0.0, 1e3))
    assert verdict.status is Status.UNDECIDED


def test_a_bound_below_one_on_the_ratio_would_be_no_bound():
    perfect = identity_start(3, share=0.0)
    assert FLATNESS.predict(perfect, None).bound.value > 1


def test_a_start_at_a_minimizer_stays(runs):
    start = identity_start(5, share=0.0)
    trajectory = run(start)
    assert start.excess == 0
    assert start.layer_motion == 0
    for statement in (PL, RATE, MOTION):
        assert statement.test(trajectory).status is Status.HOLDS


def test_the_rate_needs_time(runs):
    with pytest.raises(InputError, match="the rate of decay needs a measurement along time"):
        RATE.judge(identity_start(2), Estimate.exact(0.0))


def test_the_limit_must_be_a_minimizer(runs):
    early = run(identity_start(2), end=1e-2)
    for statement in (SHARPNESS, FLATNESS):
        assert statement.test(early).status is Status.UNDECIDED


@pytest.mark.parametrize("statement", [*EXPLICIT, PUBLISHED], ids=lambda t: t.id)
def test_theorems_are_data_about_residual_starts(statement):
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement
    with pytest.raises(InputError, match="the problem must be of type ResidualStart, got DeepLinear"):
        statement.judge(identity_start(2).network, Estimate.exact(1.0))


def test_the_published_form_holds_with_the_constants_of_the_start(runs, gaussian_runs):
    for trajectory in (runs[20], gaussian_runs[0.25]):
        verdict = PUBLISHED.test(trajectory)
        assert verdict.status is Status.HOLDS
        assert verdict.measured.value < 1e-8
    assert PUBLISHED.judge(outside(), Estimate.exact(0.0)).status is Status.INAPPLICABLE


def test_the_smallness_of_the_initial_risk_cannot_be_dropped():
    """d = 1, p = 1, w_star = -1, W_k = 1: the flow ends at the saddle 0, like t^{-1/(L-2)} (4.11 d)."""
    network = DeepLinear(Regression(np.eye(1), -np.ones(1)), 3, np.ones(1))
    start = ResidualStart(network, (np.eye(1),) * 3)
    times = np.array([0.0, 100.0, 200.0])
    trajectory = flow(start, network, start.weights, times)
    for k in (1, 2, 3):
        assert trajectory.states[f"W{k}"][-1, 0, 0] == pytest.approx(0.00249144, rel=1e-5)
    assert excess_risk(network, start.weights) == 4
    assert excess_risk(network, [trajectory.states[f"W{k}"][-1] for k in (1, 2, 3)]) == pytest.approx(1, abs=1e-7)
    assert RATE.test(trajectory).status is Status.INAPPLICABLE
    forced = dataclasses.replace(RATE, hypotheses=())
    assert forced.test(trajectory).status is Status.VIOLATED
    assert dataclasses.replace(PUBLISHED, hypotheses=()).test(trajectory).status is Status.VIOLATED


@pytest.mark.slow
def test_the_flow_of_the_library_ends_where_it_has_converged():
    start = identity_start(3)
    trajectory = residual_flow(start)
    assert trajectory.event("converged").value < 100
    for statement in EXPLICIT:
        assert statement.test(trajectory).status is Status.HOLDS
    oracle = flow(start, start.network, start.weights, trajectory.axis.points)
    for name, state in trajectory.states.items():
        np.testing.assert_allclose(state, oracle.states[name], atol=1e-8)


def test_the_limit_is_as_sharp_as_the_flow_says(runs):
    trajectory = runs[5]
    network = trajectory.problem.network
    last = [trajectory.states[f"W{k}"][-1] for k in range(1, 6)]
    ratio = sharpness_at_minimizer(network, linear_limit(network, last)).value / minimal_sharpness(network).value
    assert FLATNESS.test(trajectory).measured.value == pytest.approx(ratio, rel=1e-12)


def test_a_trajectory_needs_the_states():
    start = identity_start(2)
    empty = Trajectory(start, Axis(AxisKind.TIME, np.array([0.0])), {}, Origin.SIMULATED)
    with pytest.raises(InputError, match="the theorem needs the weights, but state 'W1' was not stored"):
        MOTION.test(empty)
