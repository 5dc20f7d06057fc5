import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, interaction_range, pl_ratio
from fathometer.attention.theorems.slow_motion.cluster_pl import THEOREM as CLUSTER
from fathometer.evidence import AtLeast, Axis, AxisKind, InputError, Origin, Status, Trajectory
from tests.oracles.attention import circle


def recorded(angles, beta, masses=None):
    """Independent states, each of which is a cluster no wider than the first one."""
    states = np.stack([circle(*row) for row in angles])
    given = () if masses is None else (masses,)
    system = ParticleSystem(states[0], beta, Model.USA, *given)
    return Trajectory(system, Axis(AxisKind.DRAW, np.arange(len(states))), {"points": states}, Origin.RECORDED)


def in_cluster(reach, n, count, seed):
    inside = np.random.default_rng(seed).uniform(0, reach, (count, n))
    inside[0, :2] = 0, reach
    return inside


def test_the_constant_around_three_clusters():
    rng, members, unit = np.random.default_rng(0), np.repeat(np.arange(3), 3), np.full(9, 1 / 9)
    sizes = np.geomspace(1e-6, 0.025, 2000)[:, None]
    angles = np.repeat(2 * np.pi / 3 * np.arange(3), 3) + sizes * rng.uniform(-1, 1, (2000, 9))
    ratios = pl_ratio(np.stack([np.cos(angles), np.sin(angles)], axis=-1), unit, members, 100.0)
    assert_allclose(np.max(ratios[:50]), 3 / 81, rtol=1e-7)
    assert 0.0330 < np.min(ratios) < 0.0345
    assert np.max(ratios) <= 3 / 81 * (1 + 1e-9)


@pytest.mark.parametrize("beta", [0.5, 9.0, 200.0])
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_the_inequality_holds_in_a_cluster(beta, share):
    run = recorded(in_cluster(share * interaction_range(beta), 6, 400, 1), beta)
    verdict = CLUSTER.test(run)
    assert verdict.status is Status.HOLDS
    assert verdict.prediction.bound.value > 0
    wrong = dataclasses.replace(CLUSTER, predict=_too_much)
    assert wrong.test(run).status is Status.VIOLATED


def _too_much(problem, axis):
    return AtLeast(0.5)


def test_the_inequality_holds_with_masses():
    masses = np.array([0.5, 0.1, 0.2, 0.15, 0.05])
    assert CLUSTER.test(recorded(in_cluster(0.2, 5, 400, 2), 9.0, masses)).status is Status.HOLDS


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (recorded([[0.0, 1.0]], 9.0), "range"),
        (recorded([[0.0, 0.1]], 0.0), "beta > 0"),
    ],
)
def test_where_it_does_not_apply(run, reason):
    verdict = CLUSTER.test(run)
    assert verdict.status is Status.INAPPLICABLE
    assert reason in verdict.explanation
    solid = ParticleSystem(np.eye(3), 9.0, Model.SA)
    assert "d = 2" in " ".join(
        check.hypothesis for check in CLUSTER.test(dataclasses.replace(run, problem=solid)).checks
    )


def test_a_cluster_that_has_collapsed_is_undecided():
    assert CLUSTER.test(recorded([[0.3, 0.3]], 9.0)).status is Status.UNDECIDED


def test_the_ratio_needs_a_temperature():
    with pytest.raises(InputError, match="beta must be > 0"):
        pl_ratio(circle(0, 1), np.full(2, 0.5), np.zeros(2, int), 0.0)
