import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    SLOW_MANIFOLD_DISTANCE,
    AscentPath,
    Model,
    ParticleSystem,
    SeparatedCloud,
    energy_deficit,
    follow_ascent,
    pl_ratio,
    record,
    simulate,
    simulate_cloud,
)
from fathometer.attention.model._ascent_path import energy_gradient
from fathometer.attention.model.caps._slow_manifold import relative_leak
from fathometer.attention.observables.caps._slow_manifold import root_deficit
from fathometer.attention.observables.paths._ascent_path import path_deficits
from fathometer.attention.predictions._slow_motion import slow_manifold_constant
from fathometer.attention.theorems.slow_motion.ascent_acceleration import THEOREM as ACCELERATION
from fathometer.attention.theorems.slow_motion.ascent_distance import THEOREM as DISTANCE
from fathometer.attention.theorems.slow_motion.ascent_gap import THEOREM as GAP
from fathometer.attention.theorems.slow_motion.extremal_tokens import THEOREM as EXTREMAL
from fathometer.attention.theorems.slow_motion.slow_manifold_pl import THEOREM as PL, slow_manifold_pl
from fathometer.attention.theorems.slow_motion.slow_set_attracts import THEOREM as ATTRACTS
from fathometer.attention.theorems.slow_motion.slow_set_motion import THEOREM as MOTION
from fathometer.attention.theorems.staircase.metastable_decay import THEOREM as DECAY, metastable_decay
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Problem,
    Status,
    Trajectory,
)
from tests.oracles.attention import circle
from tests.oracles.attention_metastability import centres, in_caps

CLUSTER = np.array([0.0, 0.05, 0.12, 0.15])
CLUSTERS = np.array([0.0, 0.02, 0.05, 1.4, 1.43])
NEARER = np.array([0.0, 0.001, 0.002, 0.8, 0.801])
MEMBERS = np.array([0, 0, 0, 1, 1])


def follow(angles, beta, end, members=None, count=60):
    return follow_ascent(angles, beta, np.linspace(0, end, count), members)


def scaled(theorem, factor, cls=AtMost):
    def predict(problem, axis):
        return cls(factor * np.asarray(theorem.predict(problem, axis).bound.value))

    return dataclasses.replace(theorem, predict=predict)


# the path


@pytest.mark.slow
def test_the_path_is_usa_in_slower_time():
    run = follow(CLUSTER, 9.0, 20.0, count=5)
    plain = simulate(ParticleSystem(circle(*CLUSTER), 9.0, Model.USA), np.linspace(0, 20.0 / 4, 5), tolerance=1e-10)
    assert_allclose(circle(*run.states["angles"][-1]), plain.states["points"][-1], atol=1e-9)
    gradient, step = energy_gradient(CLUSTER, 9.0), 1e-6
    for i in range(4):
        moved = [energy_deficit(circle(*(CLUSTER + s * step * np.eye(4)[i])), np.full(4, 0.25), 9.0) for s in (-1, 1)]
        assert_allclose(gradient[i], float(moved[0] - moved[1]) / (2 * step), atol=1e-9)
    assert_allclose(
        path_deficits(run.problem, CLUSTER[None])[0], energy_deficit(circle(*CLUSTER), np.full(4, 0.25), 9.0)
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AscentPath(np.zeros((2, 3)), np.array([0.0, 0.0]), 1.0), "times must increase"),
        (lambda: AscentPath(np.zeros((1, 3)), np.array([0.0]), 1.0), "states"),
        (lambda: AscentPath(np.zeros((2, 3)), np.array([0.0, 1.0]), 0.0), "beta must be > 0"),
        (lambda: AscentPath(np.zeros((2, 3)), np.array([0.0, 1.0]), 1.0, np.zeros(2)), "members must have one entry"),
        (lambda: follow_ascent([0.0, 1.0], 1.0, [1.0, 2.0]), "times must start at 0"),
        (lambda: GAP.judge(Problem(), Estimate.exact(0.0)), "must be of type AscentPath"),
        (lambda: ATTRACTS.judge(follow(CLUSTER, 9.0, 1.0).problem, Estimate.exact(0.0)), "no axis"),
        (lambda: MOTION.judge(follow(NEARER, 30.0, 99.0, MEMBERS).problem, Estimate.exact(0.0)), "no axis"),
    ],
)
def test_gaps_and_masses_out_of_range_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


# lemmas along one path


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 80.0), st.integers(2, 6))
def test_the_lemmas_hold_on_paths_into_a_cluster(seed, beta, n):
    angles = np.random.default_rng(seed).uniform(0, 0.6 / np.sqrt(beta), n)
    run = follow(angles, beta, 15.0 * n, count=40)
    for theorem in (GAP, DISTANCE, ATTRACTS):
        verdict = theorem.test(run)
        assert verdict.status is Status.HOLDS, verdict.explanation


def test_the_gap_is_nearly_attained_and_seen_when_exceeded():
    run = follow(0.1 * CLUSTER, 9.0, 60.0)
    assert GAP.test(run).status is Status.HOLDS
    assert scaled(GAP, 0.98).test(run).status is Status.VIOLATED


def test_the_gap_needs_concavity():
    verdict = GAP.test(follow([0.0, 1.5], 9.0, 1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0


def test_the_distance_has_the_constant_one_half_and_not_two():
    run = follow(0.1 * CLUSTER, 9.0, 80.0)
    assert DISTANCE.test(run).status is Status.HOLDS
    assert scaled(DISTANCE, 0.9).test(run).status is Status.VIOLATED
    assert DISTANCE.printed(DISTANCE.as_printed[0]).test(run).status is Status.VIOLATED
    still = follow([0.3, 0.3], 9.0, 1.0)
    assert DISTANCE.test(still).status is Status.UNDECIDED


def test_before_a_jump_the_ascent_accelerates():
    run = follow([0.0, 1.0], 9.0, 8.0)
    verdict = ACCELERATION.test(run)
    assert verdict.status is Status.HOLDS
    assert scaled(ACCELERATION, 30.0, AtLeast).test(run).status is Status.VIOLATED
    assert ACCELERATION.test(follow(CLUSTER, 9.0, 1.0)).status is Status.INAPPLICABLE


# the slow set


def test_the_slow_set_attracts_and_then_hardly_moves():
    run = follow(CLUSTERS, 30.0, 400.0, MEMBERS)
    assert ATTRACTS.test(run).status is Status.HOLDS
    assert MOTION.test(run).status is Status.INAPPLICABLE
    late = follow(NEARER, 30.0, 400.0, MEMBERS)
    verdict = MOTION.test(late)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert scaled(MOTION, 1e-4).test(late).status is Status.VIOLATED


def test_as_printed_attraction_fails_at_the_start():
    run = follow(CLUSTERS, 30.0, 400.0, MEMBERS)
    printed = ATTRACTS.printed(ATTRACTS.as_printed[0])
    verdict = printed.test(run)
    assert verdict.status is Status.VIOLATED
    values = verdict.measured.value
    assert values[0] > printed.predict(run.problem, run.axis).bound.value[0]
    assert scaled(ATTRACTS, 0.5).test(run).status is Status.VIOLATED


def test_the_slow_set_must_attract():
    wrong = follow([0.0, 0.01, 1.4, 1.41], 30.0, 10.0, [0, 1, 1, 2])
    assert ATTRACTS.test(wrong).status is Status.INAPPLICABLE
    assert ATTRACTS.test(follow([0.3, 0.3], 9.0, 1.0)).status is Status.UNDECIDED


# caps


def caps(beta=100.0, n=9, k=3, eps=1e-5, rate=1.0, seed=0, share=1.0):
    points = in_caps(n, k, eps, seed, share)
    return SeparatedCloud(ParticleSystem.project(points, beta, Model.USA), centres(k), eps, rate)


def near_caps(problem, sizes, seed=1):
    """States of the tokens of the caps, each state at its own distance from the slow manifold."""
    n, k = len(problem.system.points), len(problem.centres)
    noise = np.random.default_rng(seed).uniform(-1, 1, (len(sizes), n))
    angles = 2 * np.pi / k * (np.arange(n) % k) + sizes[:, None] * noise
    states = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return Trajectory(problem, Axis(AxisKind.DRAW, np.arange(float(len(sizes)))), {"points": states}, Origin.RECORDED)


def test_the_outermost_tokens_dominate():
    run = near_caps(caps(), np.geomspace(1e-6, 4e-3, 500))
    verdict = EXTREMAL.test(run)
    assert verdict.status is Status.HOLDS
    assert_allclose(np.max(verdict.measured.value), 1.0, atol=1e-6)
    assert scaled(EXTREMAL, 0.5).test(run).status is Status.VIOLATED
    on_it = near_caps(caps(rate=0.1), np.geomspace(1e-6, 1e-3, 5))
    assert np.all(np.isnan(EXTREMAL.test(on_it).measured.value))


def test_outer_tokens_need_a_small_cap_on_the_circle():
    wide = EXTREMAL.test(near_caps(caps(eps=2e-3), np.full(1, 1e-3)))
    assert wide.status is Status.INAPPLICABLE
    assert "close to each other" in wide.explanation
    solid = SeparatedCloud(ParticleSystem(np.eye(3), 100.0, Model.USA), np.eye(3), 1e-5)
    assert "d = 2" in EXTREMAL.judge(solid, Estimate.exact(0.0)).explanation


def test_the_constant_of_the_slow_manifold():
    run = near_caps(caps(), np.geomspace(1e-6, 0.004, 300))
    assert PL.test(run).status is Status.HOLDS
    assert slow_manifold_pl(3 / 81 * 0.99).test(run).status is Status.HOLDS
    assert slow_manifold_pl(3 / 81 * 1.01).test(run).status is Status.VIOLATED
    assert_allclose(PL.predict(run.problem, None).bound.value, 0.97 * 3 / 81, rtol=1e-12)
    collapsed = near_caps(caps(), np.zeros(1))
    assert slow_manifold_pl(0.01).test(collapsed).status is Status.UNDECIDED


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 40), st.floats(20, 1000), st.floats(1e-9, 0.06), st.floats(0.3, 3.1), st.floats(0.01, 0.999))
def test_the_leak_is_small_where_the_caps_are_separated(n, beta, eps, angle, share):
    system = ParticleSystem(np.repeat(circle(0.0, angle), [n - 1, 1], axis=0), beta, Model.USA)
    problem = SeparatedCloud(system, circle(0.0, angle), eps)
    if (largest := min(problem.largest_rates)) > 0:
        problem = dataclasses.replace(problem, rate=share * largest)
        assert relative_leak(problem) < 0.515 * np.sqrt(eps / n)


@pytest.mark.parametrize("beta", [12.0, 30.0, 300.0])
def test_the_constants_of_the_slow_manifold_hold_at_every_beta(beta):
    """The steps of the derivation, with the leaks of real caps: forces inside, leaks, and what collapse changes."""
    reach = 0.999 / np.sqrt(beta + 0.5) / 8
    problem = caps(beta, n=7, k=3, eps=1 - np.cos(reach / 2), rate=0.2)
    run = near_caps(problem, np.geomspace(0.1, 1, 300) * reach / 2)
    constant = slow_manifold_constant(problem)
    assert 0.9 * 0.97 * 2 / 49 < constant <= 0.97 * 2 / 49
    angles = np.arctan2(run.states["points"][..., 1], run.states["points"][..., 0])
    slopes = np.sum(energy_gradient(angles, beta) ** 2, axis=1)
    assert np.all(slopes >= 2 * constant * root_deficit(run).value ** 2)
    assert np.all(pl_ratio(run.states["points"], problem.system.masses, problem.members, beta) >= constant)


@pytest.mark.slow
def test_tokens_relax_to_the_slow_manifold():
    problem = caps()
    run = simulate_cloud(problem, np.linspace(0, 30, 16))
    assert DECAY.test(run).status is Status.HOLDS
    assert metastable_decay(0.95 * 3 / 81, 1.0).test(run).status is Status.HOLDS
    assert metastable_decay(1.3 * 3 / 81, 0.0).test(run).status is Status.VIOLATED
    softmax = dataclasses.replace(problem, system=dataclasses.replace(problem.system, model=Model.SA))
    assert "USA" in DECAY.judge(softmax, Estimate.exact(0.0)).explanation
    with pytest.raises(InputError, match="no such axis"):
        DECAY.judge(problem, Estimate.exact(0.0))


@pytest.mark.slow
def test_the_distance_to_the_slow_manifold_of_simulated_and_recorded_tokens():
    problem = SeparatedCloud(ParticleSystem.project(in_caps(6, 3, 0.002), 20.0, Model.SA), centres(3), 0.002)
    run = simulate_cloud(problem, np.array([0.0, 1.0, 30.0]))
    seen = run.observe(SLOW_MANIFOLD_DISTANCE).value
    assert seen[0] > 0 > seen[-1]
    layers = dataclasses.replace(record(3.0 * run.states["points"], 20.0), problem=problem)
    assert_allclose(layers.observe(SLOW_MANIFOLD_DISTANCE).value[:2], seen[:2], rtol=1e-12)
