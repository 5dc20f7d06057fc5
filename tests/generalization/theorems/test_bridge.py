"""Margins, sabotage and vacuity of the theorems behind the bridge and of the remaining PAC-Bayes theorems."""

import dataclasses
from importlib import import_module

import numpy as np
import pytest

from fathometer.catalogue import theorem, theorems
from fathometer.evidence import AtMost, Axis, AxisKind, Origin, Status, Trajectory, WithProbability
from fathometer.generalization import CertifiedRisk

DELTA = 0.05
NAMES = (
    "smooth_mean", "smooth_free", "smooth_ball", "smooth_increment", "smooth_increment_peeled", "chain_gauss",
    "kl_w1_interp", "w1_amit_finite", "w1_glm_local", "rademacher_linear", "covering", "random_set", "catoni",
    "seeger_twosided", "coinbet_kl", "supermart_nonneg", "disint_rivasplata", "disint_renyi",
)  # fmt: skip
LIPSCHITZ = set(NAMES[:11])
VACUOUS = {
    "smooth_mean": {"risk": 0.5, "kl": 100, "lipschitz": 1, "sigma": 0.1, "dim": 50, "m": 10},
    "smooth_free": {"risk": 0.5, "lipschitz": 1, "distance": 1, "prior_sigma": 0.1, "dim": 50, "m": 10},
    "smooth_increment_peeled": {"risk": 0.5, "lipschitz": 1, "distance": 1, "base_radius": 0.1, "dim": 50, "m": 10},
    "kl_w1_interp": {"risk": 0.5, "lipschitz": 1, "distance": 1, "kl": 10, "m": 10},
    "w1_amit_finite": {"risk": 0.5, "lipschitz": 1, "distance": 1, "hypotheses": 50, "m": 10},
    "w1_glm_local": {"risk": 0.5, "lipschitz": 1, "distance": 1, "base_radius": 1, "m": 10},
    "rademacher_linear": {"risk": 0.5, "lipschitz": 1, "radius": 1, "m": 10},
    "random_set": {"risk": 0.5, "complexity": 1, "log_ratio": 0, "m": 10, "lam": 5},
    "catoni": {"risk": 1, "kl": 100, "m": 10, "C": 1},
    "seeger_twosided": {"risk": 1, "kl": 1, "m": 10},
    "coinbet_kl": {"risk": 1, "kl": 1, "m": 10},
    "supermart_nonneg": {"risk": 0.5, "second_moment": 1, "kl": 10, "m": 10, "lam": 1},
    "disint_rivasplata": {"risk": 1, "log_ratio": 3, "m": 10},
    "disint_renyi": {"risk": 1, "renyi": 3, "m": 10},
}
BALL = {"risk": 0.5, "lipschitz": 1, "radius": 1, "dim": 100, "m": 10}
each = pytest.mark.parametrize("name", NAMES)


def draws(certificate: CertifiedRisk, risk: np.ndarray | float) -> Trajectory:
    count = max(map(len, certificate.inputs.values()))
    states = {"risk": np.array(np.broadcast_to(risk, count))}
    return Trajectory(certificate, Axis(AxisKind.DRAW, np.arange(float(count))), states, Origin.SIMULATED)


def altered(trajectory: Trajectory, **changes) -> Trajectory:
    return dataclasses.replace(trajectory, problem=dataclasses.replace(trajectory.problem, **changes))


@each
def test_a_broken_condition_makes_it_inapplicable(name):
    trajectory = theorem(name).example()
    broken = [({"shuffled": False}, -1), ({"independent": False}, -1)]
    if name == "supermart_nonneg":
        broken += [({"loss_range": (-0.5, 1.0)}, -0.5), ({"true_moment": trajectory.problem.true_moment + 1}, -1)]
    else:
        broken.append(({"loss_range": (0, 3.0)}, -2))
    if name in LIPSCHITZ:
        claimed = trajectory.problem.true_lipschitz
        broken.append(({"true_lipschitz": 2 * claimed}, -claimed))
    for changes, margin in broken:
        verdict = theorem(name).test(altered(trajectory, **changes))
        assert verdict.status is Status.INAPPLICABLE
        assert verdict.margin == pytest.approx(margin)


@each
def test_a_sabotaged_bound_is_violated(name):
    """A third of the bound is below the truth on every sample."""
    small = lambda problem, axis: WithProbability(AtMost(problem.values() / 3, domain=(0, 1)), problem.delta)  # noqa: E731
    sabotaged = dataclasses.replace(theorem(name), predict=small)
    assert sabotaged.test(theorem(name).example()).status is Status.VIOLATED


@each
def test_an_unknown_condition_leaves_it_undecided(name):
    assert theorem(name).test(altered(theorem(name).example(), independent=None)).status is Status.UNDECIDED


@each
def test_a_bound_above_one_is_vacuous(name):
    certificate = CertifiedRisk(name, VACUOUS.get(name, BALL), DELTA, True, True, true_lipschitz=1.0, true_moment=1.0)
    assert theorem(name).test(draws(certificate, 0.3)).status is Status.VACUOUS


def test_each_file_is_named_like_its_theorem_and_its_bound():
    known = {candidate.id for candidate in theorems()}
    for name in NAMES:
        found = import_module(f"fathometer.generalization.theorems.{name}").THEOREM
        assert found.id == name
        assert name in known
