"""Theorems on plain tokens can be judged on every run that they speak about."""

import pkgutil
from importlib import import_module

import numpy as np
import pytest

from fathometer.attention import Model, ParticleSystem
from fathometer.attention.theorems import clustering, energy, hemisphere, random
from fathometer.evidence import Axis, AxisKind, Origin, Status, Trajectory, judge_all
from tests.oracles.attention import circle

THEOREMS = [
    import_module(f"{topic.__name__}.{module.name}").THEOREM
    for topic in (energy, hemisphere, clustering, random)
    for module in pkgutil.iter_modules(topic.__path__)
    if not module.name.startswith("_")
]
SYSTEMS = {
    "a single token": ParticleSystem(circle(1.0), 1.0, Model.SA),
    "coincident tokens": ParticleSystem(circle(1.0, 1.0, 1.0), 1.0, Model.SA),
    "a triangle at rest": ParticleSystem(circle(0.0, 2 * np.pi / 3, -2 * np.pi / 3), 2.0, Model.SA),
    "the largest beta": ParticleSystem(circle(0.0, 1.0, 2.0), 1e10, Model.SA),
    "beta 0 and unequal masses": ParticleSystem(circle(0.0, 1.0, 2.0), 0.0, Model.SA, np.array([0.2, 0.3, 0.5])),
}


def at_rest(system, points=True):
    states = {"points": np.stack([system.points] * 2)} if points else {}
    axis = Axis(AxisKind.TIME, np.array([0.0, 1.0]))
    return Trajectory(system, axis, states | {"dissipated": np.zeros(2)}, Origin.RECORDED)


@pytest.mark.parametrize("name", SYSTEMS)
def test_unusual_systems_are_judged(name):
    verdicts = judge_all(at_rest(SYSTEMS[name]), THEOREMS, costly=True)
    assert len(verdicts) == 21
    wrong = {verdict.theorem for verdict in verdicts if verdict.status is Status.VIOLATED}
    assert wrong <= {"hemisphere_rate"}  # tokens that do not rest should have moved


def test_of_a_run_without_states_only_the_energy_is_judged_and_not_known():
    verdicts = judge_all(at_rest(SYSTEMS["beta 0 and unequal masses"], points=False), THEOREMS)
    assert {v.theorem: v.status for v in verdicts} == {
        "energy_increases": Status.UNDECIDED,
        "dissipation_identity": Status.UNDECIDED,
    }
