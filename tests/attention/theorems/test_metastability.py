import dataclasses
import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    SeparatedCloud,
    entry_time,
    simulate_cloud,
)
from fathometer.attention.model._comparison_flow import ComparisonFlow
from fathometer.attention.model.caps._geometry import cap_clearance, smallest_cap
from fathometer.attention.model.caps._separated_cloud import log_pull
from fathometer.attention.theorems.metastability.cap_drift import THEOREM as DRIFT
from fathometer.attention.theorems.metastability.cap_tightening import THEOREM as TIGHTENING
from fathometer.attention.theorems.metastability.caps_collapse import THEOREM as COLLAPSE
from fathometer.attention.theorems.metastability.caps_contain import THEOREM as CONTAIN
from fathometer.attention.theorems.metastability.caps_keep_tight import THEOREM as KEEP_TIGHT
from fathometer.attention.theorems.metastability.comparison_time import THEOREM as COMPARISON
from fathometer.attention.theorems.metastability.metastable_window import THEOREM as WINDOW
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    NotAfter,
    Origin,
    Status,
    Trajectory,
)
from tests.oracles.attention import circle, rotation
from tests.oracles.attention_metastability import (
    CERTIFICATES,
    COLLAPSE_BOUNDS,
    centres,
    in_caps,
    largest_inner_product,
)

MODELS = pytest.mark.parametrize("model", list(Model))
ALONG_A_RUN = [CONTAIN, COLLAPSE, WINDOW, DRIFT, TIGHTENING, KEEP_TIGHT]


def cloud(n=6, k=3, beta=20, eps=0.002, model=Model.SA, rate=None, **caps):
    given = () if rate is None else (rate,)
    return SeparatedCloud(ParticleSystem.project(in_caps(n, k, eps, **caps), beta, model), centres(k), eps, *given)


def still(problem, axis=(0.0, 1.0)):
    """A record of tokens that do not move."""
    states = {"points": np.stack([problem.system.points] * len(axis))}
    return Trajectory(problem, Axis(AxisKind.TIME, np.array(axis)), states, Origin.RECORDED)


@functools.cache
def run_of(problem, end):
    return simulate_cloud(problem, np.append(0.0, end * np.geomspace(1e-3, 1, 60)), tolerance=1e-11)


def sabotaged(original, prediction):
    return dataclasses.replace(original, predict=lambda problem, axis: prediction)


# constants


@pytest.mark.parametrize("row", CERTIFICATES, ids=str)
def test_the_worked_certificates(row):
    n, k, beta, eps, alpha, gamma, second, rate, reached, exit_time = row
    found = cloud(n, k, beta, eps)
    assert_allclose(found.alpha.value, alpha, rtol=1e-13)
    numbers = [found.gamma.value, found.largest_rates[1], found.rate, np.exp(found.log_time_to_slow_manifold.value)]
    assert_allclose(numbers, [gamma, second, rate, reached], rtol=2e-11)
    assert_allclose(found.log_exit_time.value / math.log(10), exit_time, rtol=2e-11)


@pytest.mark.parametrize("eps", [1e-6, 0.002, 0.03, 0.06])
@pytest.mark.parametrize("angle", [0.3, 1.0, 2.5])
def test_alpha_is_the_largest_inner_product_between_two_caps(angle, eps):
    largest = largest_inner_product(0.0, angle, 2 * eps)
    assert_allclose(1 - cap_clearance(angle, eps), largest, atol=2e-6)


def test_alpha_of_a_single_cap_is_0_by_convention():
    assert cloud(3, 1).alpha.value == 0
    assert np.all(cap_clearance(np.nan, np.array([0.1, 0.2])) == 1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_constants_do_not_see_rotations(seed):
    points, turn = in_caps(6, 3, 0.002), np.pad(rotation(3, seed), ((0, 0), (0, 0)))
    flat = np.pad(points, ((0, 0), (0, 1))), np.pad(centres(3), ((0, 0), (0, 1)))
    turned = SeparatedCloud(ParticleSystem.project(flat[0] @ turn, 20, Model.SA), flat[1] @ turn, 0.002)
    assert_allclose(turned.gamma.value, cloud().gamma.value, rtol=1e-12)
    assert list(turned.members) == [0, 1, 2, 0, 1, 2]


def test_the_smallest_cap_of_two_points_is_between_them():
    centre, depth = smallest_cap(circle(0.4, 1.0))
    assert_allclose(centre, circle(0.7)[0], rtol=1e-12)
    assert_allclose(depth, 1 - math.cos(0.3), rtol=1e-10)
    assert smallest_cap(circle(0.4, 0.4))[1] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"centres": np.ones((2, 3))}, r"centres must have shape \(k, 2\)"),
        ({"centres": np.eye(2)[[0, 0]]}, "two of them are equal"),
        ({"centres": 2 * np.eye(2)}, "unit rows"),
        ({"epsilon": 0.0}, "epsilon must be > 0 and < 1, got 0"),
        ({"epsilon": 1.0}, "epsilon"),
        ({"rate": math.nan}, "rate"),
        ({"system": ParticleSystem(circle(0, 1, 2), 0.0, Model.SA)}, "beta must be >= 1e-100, got 0"),
    ],
)
def test_impossible_clouds_cannot_be_built(change, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(cloud(), **change)


def test_only_clouds_are_clouds():
    with pytest.raises(InputError, match="must be of type SeparatedCloud, got ParticleSystem"):
        SeparatedCloud.expect(cloud().system)
    with pytest.raises(InputError, match="along time"):
        CONTAIN.judge(cloud(), Estimate.exact(0.0))


# the theorem


@pytest.mark.slow
@MODELS
def test_all_parts_hold_in_the_first_certificate(model):
    problem = cloud(model=model)
    run = run_of(problem, 400.0)
    for statement in ALONG_A_RUN:
        verdict = statement.test(run)
        assert verdict.status is Status.HOLDS, (statement.id, verdict.explanation)
    assert KEEP_TIGHT.test(run).margin > 0


@pytest.mark.slow
@pytest.mark.parametrize(("model", "measured", "spread"), [(Model.SA, 7.53, 0.1), (Model.USA, 22.6, 0.3)])
def test_when_the_widths_reach_their_threshold(model, measured, spread):
    reach = np.arccos(1 - 0.002)
    angles = [0.98 * reach, 2 * np.pi / 3, 4 * np.pi / 3, -0.98 * reach, 2 * np.pi / 3, 4 * np.pi / 3]
    problem = dataclasses.replace(cloud(model=model), system=ParticleSystem(circle(*angles), 20, model))
    assert_allclose(np.exp(problem.log_width_square), 4.42e-9, rtol=1e-3)
    times = np.concatenate([[0.0], np.linspace(measured - 1, measured + 1, 59), [400.0]])
    assert_allclose(entry_time(simulate_cloud(problem, times)).value, measured, atol=spread)


@pytest.mark.parametrize("statement", ALONG_A_RUN, ids=lambda t: t.id)
@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (cloud(beta=2), "gamma"),
        (cloud(beta=0.5), "beta > 1"),
        (cloud(2, 2, 1000, 0.07), "1/16"),
        (dataclasses.replace(cloud(), epsilon=1e-4), "in a cap"),
        (SeparatedCloud(ParticleSystem(circle(0.0), 9, Model.SA), centres(1), 0.01), "two tokens"),
        (
            dataclasses.replace(cloud(), system=ParticleSystem(in_caps(6, 3, 0.002), 20, Model.SA, np.arange(1.0, 7))),
            "mass",
        ),
    ],
    ids=["gamma", "beta", "eps", "outside", "alone", "masses"],
)
def test_where_the_theorem_does_not_apply(statement, problem, reason):
    verdict = statement.test(still(problem))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0
    failing = [check.hypothesis for check in verdict.checks if check.answer == "fails"]
    assert any(reason in name for name in failing)


@pytest.mark.parametrize("statement", [COLLAPSE, WINDOW], ids=lambda t: t.id)
@pytest.mark.parametrize("rate", [0.0, 1.2])
def test_inadmissible_rates(statement, rate):
    verdict = statement.test(still(cloud(rate=rate)))
    assert verdict.status is Status.INAPPLICABLE
    assert "lambda" in verdict.explanation


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        (CONTAIN, AtMost(1e-9)),
        (COLLAPSE, NotAfter(1.0)),
        (WINDOW, AtLeast(20.0)),
        (DRIFT, AtLeast(1e-3)),
        (TIGHTENING, AtLeast(1e-2)),
        (KEEP_TIGHT, AtMost(1e-3)),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_sabotaged_prediction_is_violated(statement, wrong):
    assert sabotaged(statement, wrong).test(run_of(cloud(), 400.0)).status is Status.VIOLATED


def test_tokens_that_leave_violate_containment():
    problem = cloud()
    away = still(problem)
    points = np.stack([problem.system.points, in_caps(6, 3, 0.05, seed=3)])
    verdict = CONTAIN.test(dataclasses.replace(away, states={"points": points}))
    assert verdict.status is Status.VIOLATED
    assert KEEP_TIGHT.test(dataclasses.replace(away, states={"points": points})).status is Status.VIOLATED


def test_tokens_that_do_not_meet_violate_collapse_once_it_is_time():
    assert COLLAPSE.test(still(cloud(), (0.0, 300.0))).status is Status.UNDECIDED
    assert COLLAPSE.test(still(cloud(), (0.0, 400.0))).status is Status.VIOLATED


def test_after_the_exit_time_nothing_is_said():
    late = np.array([0.0, 1.0]) + 19.0
    problem = cloud()
    run = Trajectory(
        problem, Axis(AxisKind.LOG_TIME, late), {"points": np.stack([circle(*range(6))] * 2)}, Origin.RECORDED
    )
    for statement in (CONTAIN, DRIFT, TIGHTENING, KEEP_TIGHT):
        assert statement.test(run).status is Status.VACUOUS
    assert COLLAPSE.test(run).status is Status.UNDECIDED


def test_a_small_rate_promises_nothing():
    problem = cloud(rate=0.2)
    assert problem.rate < problem.trivial_rate.value
    assert COLLAPSE.test(run_of(problem, 400.0)).status is Status.VACUOUS


def test_what_the_solver_cannot_resolve_is_undecided():
    problem = cloud(beta=50)
    run = run_of(problem, 960.0)
    assert entry_time(run).upper == np.inf
    assert COLLAPSE.test(run).status is Status.UNDECIDED
    assert CONTAIN.test(run).status is Status.HOLDS


def test_caps_with_one_token_cannot_tighten():
    run = still(cloud(5, 5, 100, 0.0005))
    assert TIGHTENING.test(run).status is Status.UNDECIDED
    assert KEEP_TIGHT.test(run).status is Status.INAPPLICABLE


# the limit of the decay rate, as printed and corrected


def test_the_printed_limit_of_the_rate_lets_the_window_vanish():
    problem = cloud(4, 2, 6.6, 1e-4, rate=1.2)
    verdict = WINDOW.printed(WINDOW.as_printed[0]).test(still(problem))
    assert verdict.status is Status.VIOLATED, verdict.explanation
    assert WINDOW.test(still(problem)).status is Status.INAPPLICABLE
    assert WINDOW.test(still(cloud(4, 2, 6.6, 1e-4))).status is Status.HOLDS


@settings(max_examples=200, deadline=None)
@given(st.floats(2, 2000), st.floats(1e-8, 0.06), st.integers(2, 50), st.floats(0.3, 3.1), st.floats(0.01, 0.999))
def test_every_admissible_rate_leaves_a_window(beta, eps, n, angle, share):
    system = ParticleSystem(np.repeat(circle(0.0, angle), [n - 1, 1], axis=0), beta, Model.SA)
    problem = SeparatedCloud(system, circle(0.0, angle), eps)
    if (largest := min(problem.largest_rates)) > 0:
        problem = dataclasses.replace(problem, rate=share * largest)
        assert WINDOW.test(still(problem)).status is Status.HOLDS


# the scalar equation


@pytest.mark.parametrize("row", COLLAPSE_BOUNDS, ids=str)
def test_the_comparison_flow_is_in_time(row):
    problem = ComparisonFlow(*row[:3])
    verdict = COMPARISON.test(_nothing(problem))
    assert verdict.status is Status.HOLDS
    assert_allclose(np.exp(verdict.prediction.bound.value), row[3], rtol=1e-12)
    faster = sabotaged(COMPARISON, AtMost(verdict.measured.value - 0.1))
    assert faster.test(_nothing(problem)).status is Status.VIOLATED


def test_where_the_comparison_flow_says_nothing():
    assert COMPARISON.judge(ComparisonFlow(0.5, 0.5, 2.0), Estimate.exact(0.0)).status is Status.INAPPLICABLE
    assert COMPARISON.judge(ComparisonFlow(2.0, 0.9, 0.5), Estimate.exact(0.0)).status is Status.INAPPLICABLE
    assert COMPARISON.judge(ComparisonFlow(2.0, 0.5, 2.0), Estimate.exact(np.nan)).status is Status.UNDECIDED
    with pytest.raises(InputError, match="start must be > 0 and < 1"):
        ComparisonFlow(2.0, 1.0, 1.0)
    with pytest.raises(InputError, match="exponent"):
        ComparisonFlow(100.0, 0.5, 8.0)
    with pytest.raises(InputError, match="must be of type ComparisonFlow"):
        COMPARISON.judge(cloud(), Estimate.exact(0.0))


def _nothing(problem):
    return Trajectory(problem, Axis(AxisKind.TIME, np.zeros(1)), {}, Origin.SIMULATED)


@settings(max_examples=200, deadline=None)
@given(st.floats(1.001, 1e4), st.floats(1e-6, 0.999), st.floats(1e-6, 0.999))
def test_the_pull_is_log_concave_and_nearly_linear_at_the_start(beta, first, second):
    middle = log_pull((first + second) / 2, beta)
    assert middle >= (log_pull(first, beta) + log_pull(second, beta)) / 2 - 1e-9 * beta
    short = first / beta
    assert log_pull(short, beta) >= math.log((beta - 1) / (beta * math.e) * short) - 1e-12


@settings(max_examples=200, deadline=None)
@given(st.floats(1.5, 3000), st.floats(1e-8, 0.0624), st.integers(2, 100), st.floats(0.1, 3.1))
def test_separation_makes_the_pull_exceed_the_leak(beta, eps, n, angle):
    clearance = cap_clearance(angle, eps)
    gamma = clearance - 8 * eps - math.log(2 * n**2 / eps) / beta
    if gamma > 0:
        assert log_pull(8 * eps, beta) > math.log(2 * n**2) - clearance * beta
