"""Two clusters merge after a time whose logarithm is beta times (1 - cos gap), to leading order."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import time_of_one_cluster
from fathometer.attention.predictions._slow_motion import leading_coalescence_log_time
from fathometer.attention.theorems.staircase.two_token_time import gap_of
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)


def log_meeting_time(trajectory: Trajectory) -> Estimate:
    """Log of the time at which the tokens are one cluster."""
    time = time_of_one_cluster(trajectory)
    with np.errstate(divide="ignore"):
        return Estimate.heuristic(np.log(time.value), np.log(time.lower), np.log(time.upper))


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Within the bars of the leading order."""
    system = ParticleSystem.expect(problem)
    first, second = system.masses
    found = leading_coalescence_log_time(gap_of(problem), system.beta, (first, second), system.model)
    return Within(found.lower, found.upper)


def _exponent(problem: Problem) -> Estimate:
    return Estimate.exact(2 * ParticleSystem.expect(problem).beta * np.sin(gap_of(problem) / 2) ** 2)


def _gap(problem: Problem) -> Estimate:
    return Estimate.exact(gap_of(problem))


TWO_FAR = (
    TWO_TOKENS,
    Hypothesis("an exponentially long time: beta (1 - cos w) at least 10", AtLeast(10.0), _exponent),
    Hypothesis("far from antipodal", AtMost(2.9, domain=(0, np.pi)), _gap),
)

THEOREM = Theorem(
    id="coalescence_time",
    theory="attention",
    title="Coalescence of two clusters, to leading order",
    statement="Two clusters at the gap w merge after T with log T = beta (1 - cos w) - log beta + log C, where C ="
    " m_1 m_2/((m_1^2 + m_2^2) sin^2 w) for SA and 1/((m_1 + m_2) sin^2 w) for USA, to 4 |cos w|/(beta sin^2 w)"
    " + (16 cos^2 w + 4 sin^2 w)/(beta^2 sin^4 w).",
    source=Source(
        METASTABILITY,
        "lifetime of the clusters, sharpened",
        "Derived by Laplace's method at the starting gap: at a gap larger by 1/beta the rate differs by O(1).",
    ),
    hypotheses=TWO_FAR,
    quantity=log_meeting_time,
    predict=predict,
)
