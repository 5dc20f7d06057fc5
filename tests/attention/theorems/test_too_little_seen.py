"""Runs from which a theorem cannot be judged are neither a confirmation nor a violation of it."""

import numpy as np
import pytest

from fathometer.attention import Model, ParticleSystem, SeparatedCloud
from fathometer.attention.dynamics.variants import FrozenCircle, MeanFieldCircle, simulate_frozen
from fathometer.attention.predictions._slow_motion import escape_range
from fathometer.attention.theorems.clustering.first_pattern import THEOREM as PATTERN
from fathometer.attention.theorems.slow_motion.extremal_tokens import THEOREM as EXTREMAL
from fathometer.attention.theorems.staircase.antipodal_escape import THEOREM as ESCAPE
from fathometer.attention.theorems.variants.frozen_tokens_capture import THEOREM as CAPTURE
from fathometer.attention.theorems.variants.noisy_growth import THEOREM as NOISY
from fathometer.evidence import Axis, AxisKind, Estimate, Origin, Status, Trajectory
from tests.oracles.attention import circle


def ripple(beta, sizes):
    """128 tokens on a ring, moved so that the mode k begins with about half of its size."""
    angles = 2 * np.pi * np.arange(128) / 128
    moves = sum(size * np.sin(mode * angles) / mode for mode, size in sizes.items())
    return ParticleSystem(circle(*(angles + moves)), beta, Model.SA)


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (ripple(4.0, {2: 1.5e-3, 3: 3e-6}), "still small"),
        (ripple(9.0, {3: 1.5e-3, 4: 3e-6}), "still small"),
        (ripple(4.0, {1: 3e-3, 2: 1.5e-3, 3: 3e-4}), "do not drive"),
    ],
)
def test_a_mode_among_larger_ones_does_not_grow_alone(system, reason):
    verdict = PATTERN.judge(system, Estimate.exact(0.0))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


@pytest.mark.parametrize(
    ("size", "time", "status"),
    [(1e-3, 10.0, Status.VIOLATED), (1e-6, 10.0, Status.VACUOUS), (1e-3, 1e-3, Status.VACUOUS)],
    ids=["alone", "driven by others", "too early"],
)
def test_an_order_parameter_grows_alone_unless_other_modes_drive_it(size, time, status):
    angles = 2 * np.pi * np.arange(64) / 64
    others = 1e-3 * (np.cos(2 * angles) + np.cos(3 * angles))
    law = MeanFieldCircle(1 + size * np.cos(angles) + others, 2.0, 8.0, Model.SA)
    seen = Estimate.exact(np.zeros(2), along=Axis(AxisKind.TIME, np.array([0.0, time])))
    assert NOISY.judge(law, seen).status is status


def ended(angles, frozen, beta):
    problem = FrozenCircle(np.array(angles), np.array(frozen), np.ones(len(frozen)), beta, 5.0, 0.3)
    return CAPTURE.test(simulate_frozen(problem, [0.0, 1.0, 1000.0])).status


@pytest.mark.parametrize(
    ("angles", "frozen", "beta", "status"),
    [
        ([0.1, 2.0], [0.0, 3.0], 50.0, Status.UNDECIDED),
        ([3.1], [0.0], 50.0, Status.UNDECIDED),
        ([0.1, 2.0, 2.0 + 1e-15], [0.0, 3.0], 50.0, Status.UNDECIDED),
        ([0.1, 1.0], [0.0, 3.0], 1e4, Status.UNDECIDED),
        ([1.5], [0.0, 3.0], 50.0, Status.UNDECIDED),
        ([0.1, 0.2], [0.0, 3.0], 50.0, Status.HOLDS),
    ],
    ids=["creeping", "near the antipode", "a creeping pair", "no speed in float64", "in the middle", "captured"],
)
def test_only_a_stable_rest_is_an_end(angles, frozen, beta, status):
    assert ended(angles, frozen, beta) is status


def still(problem, times, kind=AxisKind.TIME):
    points = getattr(problem, "system", problem).points
    return Trajectory(
        problem, Axis(kind, np.array(times)), {"points": np.stack([points] * len(times))}, Origin.RECORDED
    )


NEARLY_ANTIPODAL = ParticleSystem(circle(0.0, np.pi - 1e-3), 9.0, Model.USA)


@pytest.mark.parametrize(
    ("times", "kind", "status"),
    [
        ([0.0], AxisKind.TIME, Status.VACUOUS),
        ([0.0, 1.0], AxisKind.TIME, Status.VACUOUS),
        ([-36.7, 30.0, 40.0], AxisKind.LOG_TIME, Status.VACUOUS),
        ([0.0, 1e7], AxisKind.TIME, Status.VIOLATED),
    ],
)
def test_no_growth_is_no_escape(times, kind, status):
    assert ESCAPE.test(still(NEARLY_ANTIPODAL, times, kind)).status is status


def test_a_rate_below_the_smallest_float_is_no_trouble():
    cold = ParticleSystem(circle(0.0, np.pi - 1e-4), 3000.0, Model.USA)
    low, high = escape_range(cold, np.array([-40.0, 0.0, 6000.0, 7000.0]))
    assert np.all(np.isinf(high - low)[[3]])
    assert not np.any(np.isnan([low, high]))


def test_where_the_pattern_has_not_begun_to_grow_nothing_is_predicted():
    system = ripple(4.0, {3: 1e-3})
    assert PATTERN.test(still(system, [0.0, 1e-3])).status is Status.VACUOUS
    assert PATTERN.test(still(system, [0.0, 1.0])).status is Status.VIOLATED


@pytest.mark.parametrize("angles", [(0.0, 0.0), (0.0, np.pi)])
def test_clusters_that_are_points_have_no_outermost_tokens(angles):
    centres = circle(*sorted(set(angles)))
    cloud = SeparatedCloud(ParticleSystem(circle(*angles), 100.0, Model.USA), centres, 1e-5, 0.5)
    verdict = EXTREMAL.test(still(cloud, [0.0, 1.0]))
    assert verdict.status is Status.UNDECIDED, verdict.explanation
