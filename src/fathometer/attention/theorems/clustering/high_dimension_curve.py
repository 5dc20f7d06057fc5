"""In high dimension all cosines of uniform tokens follow one curve."""

import math

import numpy as np

from fathometer.attention.model._hypotheses import EQUAL_MASSES, SA_ONLY
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.predictions._equiangular import equiangular_deficit, extreme_cosines
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def deviation(trajectory: Trajectory) -> Estimate:
    """Largest |<x_i, x_j> - gamma_beta(t)| over pairs, for each state; gamma is the curve of orthogonal tokens."""
    system, times = ParticleSystem.expect(trajectory.problem), trajectory.axis.points
    curve = 1 - equiangular_deficit(times, 0.0, len(system.points), system.beta, Model.SA)
    found = np.max(np.abs(extreme_cosines(trajectory.states["points"]) - curve[:, None]), axis=1)
    return Estimate.heuristic(found, np.maximum(found - 1e-6, 0.0), found + 1e-6, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 2 exp(10 max(1, beta) n t) sqrt(log d / d).

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the curve is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    n, d = system.points.shape
    exponent = np.minimum(10 * max(1.0, system.beta) * n * axis.points, 700.0)
    return AtMost(2 * np.exp(exponent) * np.sqrt(np.log(d) / d), domain=(0, 2))


def probability_bound(n: int, d: int) -> float:
    """The bound 2 n^2 d^(-1/64) on the probability that the curve is left; below 1 only for d > (2 n^2)^64."""
    return 2 * n**2 * math.exp(-math.log(d) / 64)


def _excess_dimension(problem: Problem) -> Estimate:
    n, d = ParticleSystem.expect(problem).points.shape
    return Estimate.exact(d - n)


THEOREM = Theorem(
    id="high_dimension_curve",
    theory="attention",
    title="One curve for all cosines in high dimension",
    statement="For d >= d*(n, beta) and n independent uniform tokens under SA, with probability at least"
    " 1 - 2 n^2 d^(-1/64) every |<x_i(t), x_j(t)> - gamma_beta(t)| is at most min(2 c^{n t} sqrt(log d / d),"
    " C exp(-lambda t)), c = exp(10 max(1, beta)), where gamma_beta is the cosine of orthogonal tokens.",
    source=Source(
        PERSPECTIVE,
        "high dimension: phase transition curve",
        "d* is not known and the probability is positive only for d > (2 n^2)^64: measured on one draw, and undecided"
        " at best. The bound is vacuous but for very short times; C and lambda are not given and are left out.",
    ),
    hypotheses=(
        Hypothesis("d >= n (excess)", AtLeast(0.0), _excess_dimension),
        EQUAL_MASSES,
        SA_ONLY,
        Hypothesis("d >= d*(n, beta), which is not known, and a typical draw", None, None),
    ),
    quantity=deviation,
    predict=predict,
)
