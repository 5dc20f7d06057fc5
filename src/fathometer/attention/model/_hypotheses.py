"""Hypotheses on plain tokens that several theorems share."""

import numpy as np

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import AtLeast, AtMost, Estimate, Hypothesis, Problem, Within


def _number(problem: Problem) -> Estimate:
    return Estimate.exact(len(ParticleSystem.expect(problem).points))


def _mass_spread(problem: Problem) -> Estimate:
    masses = ParticleSystem.expect(problem).masses
    return Estimate.exact(len(masses) * np.ptp(masses))


def _is_usa(problem: Problem) -> bool:
    return ParticleSystem.expect(problem).model is Model.USA


def _is_sa(problem: Problem) -> bool:
    return ParticleSystem.expect(problem).model is Model.SA


TWO_TOKENS = Hypothesis("two tokens", Within(2, 2, domain=(1, None)), _number)
SEVERAL_TOKENS = Hypothesis("two or more tokens", AtLeast(2, domain=(1, None)), _number)
EQUAL_MASSES = Hypothesis("equal masses", AtMost(1e-9), _mass_spread)
USA_ONLY = Hypothesis.that("the model is USA", _is_usa)
SA_ONLY = Hypothesis.that("the model is SA", _is_sa)
