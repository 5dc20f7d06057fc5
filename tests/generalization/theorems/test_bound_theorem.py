"""A theorem says what its bound says, asks for what its bound assumes, and speaks about no other certificates."""

import dataclasses

import numpy as np
import pytest

from fathometer.catalogue import theorem, theorems
from fathometer.evidence import Axis, AxisKind, Origin, Status, Trajectory, judge_all
from fathometer.generalization import CertifiedRisk, bound
from fathometer.generalization.ledger._certified_risk import (
    INDEPENDENT,
    LIPSCHITZ,
    MARTINGALE,
    MOMENT,
    NON_NEGATIVE,
    PREDICTABLE,
    SHUFFLED,
    UNIT_AT_CENTRE,
    UNIT_LOSS,
)
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems.catoni import counterexample, example

OURS = [found for found in theorems() if found.theory == "generalization"]
each = pytest.mark.parametrize("statement", OURS, ids=lambda found: found.id)

SAMPLES = {
    "i.i.d.": (SHUFFLED, INDEPENDENT),
    "constant mean given the past": (MARTINGALE, INDEPENDENT),
    "any dependence": (PREDICTABLE,),
}


def asked_by(name: str) -> set[str]:
    """Names of the hypotheses that the text of a bound's assumptions amounts to."""
    of = bound(name)
    (sample,) = (hypotheses for start, hypotheses in SAMPLES.items() if of.data.startswith(start))
    asked = {hypothesis.name for hypothesis in sample}
    if "in [0, 1] at" in of.loss:
        asked.add(UNIT_AT_CENTRE.name)
    elif of.loss.startswith(("in [0, 1]", "0/1")):
        asked.add(UNIT_LOSS.name)
    elif of.loss.startswith("non-negative"):
        asked.add(NON_NEGATIVE.name)
    more = {LIPSCHITZ.name: "L-Lipschitz" in of.loss, MOMENT.name: "second moment" in of.loss}
    return asked | {name for name, asks in more.items() if asks}


@each
def test_the_words_are_those_of_the_bound(statement):
    of = bound(statement.id)
    assert (statement.title, statement.statement, statement.source) == (of.title, of.statement, of.source)


@each
def test_it_asks_for_what_the_bound_assumes(statement):
    assert {hypothesis.name for hypothesis in statement.hypotheses} == asked_by(statement.id)


@each
def test_it_rests_on_theorems_of_the_catalogue(statement):
    assert {used.id for used in map(theorem, statement.uses)} == set(statement.uses)


def test_every_theorem_of_generalization_speaks_about_its_own_certificates_alone():
    run = theorem("catoni").example()
    assert [verdict.theorem for verdict in judge_all(run, theorems())] == ["catoni"]


def test_it_is_silent_where_risks_and_certificates_do_not_pair():
    three = Axis(AxisKind.DRAW, np.arange(3.0))
    run = Trajectory(theorem("catoni").example().problem, three, {"risk": np.full(3, 0.2)}, Origin.SIMULATED)
    assert not theorem("catoni").speaks_about(run)
    one = dataclasses.replace(run, problem=CertifiedRisk("catoni", {"risk": 0.1, "kl": 2.0, "m": 100, "C": 1.0}, 0.05))
    assert theorem("catoni").speaks_about(one)
    assert not theorem("catoni").speaks_about(dataclasses.replace(one, states={}))


def test_a_theorem_is_made_from_any_bound_of_the_catalogue():
    made = bound_theorem(
        "mcallester", hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS), example=example, counterexample=counterexample
    )
    inputs = {"risk": np.full(300, 0.1), "kl": 1.0, "m": 100.0}
    problem = CertifiedRisk("mcallester", inputs, 0.05, shuffled=True, independent=True)
    run = Trajectory(problem, Axis(AxisKind.DRAW, np.arange(300.0)), {"risk": np.full(300, 0.1)}, Origin.SIMULATED)
    assert made.test(run).status is Status.HOLDS
