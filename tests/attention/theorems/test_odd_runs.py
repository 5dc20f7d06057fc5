"""Theorems on clusters judge every run that they speak about, however odd, and along either clock."""

import dataclasses
import pkgutil
from importlib import import_module

import numpy as np
import pytest

from fathometer.attention import AscentPath, GluedCircle, Model, ParticleSystem, SeparatedCloud, simulate_glued
from fathometer.attention.theorems import metastability, slow_motion, staircase
from fathometer.attention.theorems.metastability._examples import in_caps, law_in_caps
from fathometer.attention.theorems.slow_motion._examples import close_in_caps
from fathometer.attention.theorems.staircase._examples import merging_pair
from fathometer.evidence import Axis, AxisKind, Estimate, Event, Origin, Status, Trajectory, judge_all
from tests.oracles.attention import circle

THEOREMS = [
    import_module(f"{topic.__name__}.{module.name}").THEOREM
    for topic in (metastability, slow_motion, staircase)
    for module in pkgutil.iter_modules(topic.__path__)
    if not module.name.startswith("_")
]


def still(problem, points, kind=AxisKind.TIME, at=(0.0, 1.0), events=()):
    """A record of tokens that do not move."""
    states = {"points": np.stack([points] * len(at))}
    return Trajectory(problem, Axis(kind, np.array(at)), states, Origin.RECORDED, events=events)


def tokens(points, beta, model=Model.SA, **more):
    return still(ParticleSystem(points, beta, model), points, **more)


def in_two_caps(points, beta, rate=0.5, epsilon=0.01, **more):
    problem = SeparatedCloud(ParticleSystem(points, beta, Model.USA), circle(0.0, 2.0), epsilon, rate)
    return still(problem, points, **more)


def path(states, beta=9.0, members=None):
    given = () if members is None else (np.array(members),)
    problem = AscentPath(np.array(states), np.arange(float(len(states))), beta, *given)
    return Trajectory(problem, Axis(AxisKind.TIME, problem.times), {"angles": problem.angles}, Origin.RECORDED)


def in_log_time(run):
    """The run without twins in the logarithm of its time, which begins at a billionth instead of 0."""
    axis = Axis(AxisKind.LOG_TIME, np.log(np.maximum(run.axis.points, 1e-9)))
    with np.errstate(divide="ignore"):
        events = tuple(
            Event(event.name, Estimate.heuristic(*np.log([event.at.value, event.at.lower, event.at.upper])))
            for event in run.events
        )
    return dataclasses.replace(run, axis=axis, events=events, twins=())


ODD = {
    "one token": tokens(circle(0.3), 4.0),
    "one token on a sphere": tokens(np.eye(3)[:1], 4.0),
    "two tokens at one place": tokens(circle(0.3, 0.3), 4.0),
    "two antipodal tokens": tokens(circle(0.0, np.pi), 100.0),
    "two tokens a little apart": tokens(circle(0.0, 1e-9), 100.0),
    "no attraction": tokens(circle(0.0, 1.0, 2.0), 0.0),
    "mergers between antipodal places": tokens(circle(0.0, 0.8, 0.4 + np.pi), 1e3, Model.USA),
    "a crowd": tokens(circle(*np.linspace(0, 6, 40)), 10.0),
    "nobody counted clusters": tokens(circle(0.0, 1.2), 16.0, Model.USA),
    "very late": tokens(circle(0.0, 1.2), 1e4, Model.USA, kind=AxisKind.LOG_TIME, at=(5.0, 9e3)),
    "a cluster that does not shrink": tokens(circle(0.0, 0.01, 0.02), 4.0),
    "caps of one token": in_two_caps(circle(0.0, 2.0), 60.0),
    "an empty cap": in_two_caps(circle(0.0, 0.01), 60.0),
    "caps that are points": in_two_caps(circle(0.0, 0.0, 2.0, 2.0), 60.0),
    "warm caps": in_two_caps(circle(0.0, 0.01, 2.0, 2.01), 0.5),
    "no decay rate": in_two_caps(circle(0.0, 0.01, 2.0, 2.01), 60.0, rate=0.0),
    "caps after their time": in_two_caps(
        circle(0.0, 0.01, 2.0, 2.01), 60.0, epsilon=1e-4, kind=AxisKind.LOG_TIME, at=(900.0, 1e3)
    ),
    "cold caps": in_two_caps(circle(0.0, 1e-5, 2.0, 2.00001), 1e9, rate=1e-8, epsilon=1e-9),
    "a path at rest": path([[0.3, 0.3], [0.3, 0.3]]),
    "a path that falls": path([[0.0, 0.01], [0.0, 1.0]]),
    "a path without pull": path([[0.0, 1.5], [0.75, 0.75]], 1e4),
    "a path of wrong clusters": path([[0.0, 0.01, 1.4], [0.0, 0.01, 1.4]], 30.0, [0.0, 1.0, 1.0]),
    "a path of one token": path([[0.0], [0.0]]),
    "gluing that is not seen to its end": simulate_glued(GluedCircle(np.array([0.0, 0.3, 0.95, 2.4]), 60.0)).until(6.0),
}


@pytest.mark.parametrize("run", ODD.values(), ids=ODD.keys())
def test_whatever_a_theorem_speaks_about_it_can_judge(run):
    verdicts = judge_all(run, THEOREMS, costly=True)
    assert verdicts
    assert all(verdict.theorem for verdict in verdicts)


def test_what_cannot_be_known_of_odd_runs_is_undecided():
    found = {verdict.theorem: verdict.status for verdict in judge_all(ODD["nobody counted clusters"], THEOREMS)}
    assert {found[name] for name in ("staircase_times", "coalescence_time", "two_token_time")} == {Status.UNDECIDED}
    glued = judge_all(ODD["gluing that is not seen to its end"], THEOREMS)
    assert [verdict.status for verdict in glued] == [Status.UNDECIDED]
    antipodal = {v.theorem: v.explanation for v in judge_all(ODD["mergers between antipodal places"], THEOREMS)}
    assert "antipodal" in antipodal["staircase_times"]


@pytest.mark.slow
@pytest.mark.parametrize("example", [merging_pair, in_caps, law_in_caps, close_in_caps], ids=lambda e: e.__name__)
def test_log_time_changes_no_verdict(example):
    run = example()
    there = {verdict.theorem: verdict.status for verdict in judge_all(dataclasses.replace(run, twins=()), THEOREMS)}
    here = {verdict.theorem: verdict.status for verdict in judge_all(in_log_time(run), THEOREMS)}
    assert here == there
    assert sum(status is Status.HOLDS for status in here.values()) >= 3
