"""Hypotheses on plain tokens that several theorems share."""

import numpy as np

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import NO, AtMost, Estimate, Hypothesis, Problem, Within


def _number(problem: Problem) -> Estimate:
    return Estimate.exact(len(ParticleSystem.expect(problem).points))


def _mass_spread(problem: Problem) -> Estimate:
    masses = ParticleSystem.expect(problem).masses
    return Estimate.exact(len(masses) * np.ptp(masses))


def _not_usa(problem: Problem) -> Estimate:
    return Estimate.exact(float(ParticleSystem.expect(problem).model is not Model.USA))


def _not_sa(problem: Problem) -> Estimate:
    return Estimate.exact(float(ParticleSystem.expect(problem).model is not Model.SA))


TWO_TOKENS = Hypothesis("two tokens", Within(2, 2, domain=(1, None)), _number)
EQUAL_MASSES = Hypothesis("equal masses", AtMost(1e-9), _mass_spread)
USA_ONLY = Hypothesis("the model is USA", NO, _not_usa)
SA_ONLY = Hypothesis("the model is SA", NO, _not_sa)
