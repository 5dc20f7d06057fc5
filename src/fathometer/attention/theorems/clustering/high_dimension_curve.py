"""In high dimension all cosines of uniform tokens follow one curve."""

import functools

import numpy as np

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._hypotheses import EQUAL_MASSES, SA_ONLY, SEVERAL_TOKENS
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._cosines import extreme_cosines
from fathometer.attention.predictions._equiangular import (
    curve_deviation_bound,
    equiangular_deficit,
    printed_deviation_bound,
)
from fathometer.attention.predictions._random_clouds import frame_radius, printed_failure_bound
from fathometer.attention.theorems._examples import TIMES
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    PrintedForm,
    Problem,
    Source,
    Status,
    Theorem,
    Trajectory,
)
from fathometer.numerics import in_float64


def _deviation(trajectory: Trajectory) -> Estimate:
    """Largest |<x_i, x_j> - gamma_beta(t)| over pairs, for each state; gamma is the curve of orthogonal tokens."""
    system, times = ParticleSystem.expect(trajectory.problem), trajectory.axis.points
    curve = 1 - equiangular_deficit(times, 0.0, len(system.points), system.beta, Model.SA)
    largest = np.max(np.abs(extreme_cosines(trajectory.states["points"]) - curve[:, None]), axis=1)
    return Estimate.heuristic(largest, np.maximum(largest - 1e-6, 0.0), largest + 1e-6, along=trajectory.axis)


def _predict(problem: Problem, axis: Axis | None) -> AtMost:
    if axis is None:
        raise InputError("the curve is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    return AtMost(curve_deviation_bound(axis.points, system.points.shape[1], system.beta), domain=(0, 2))


def _stays(trajectory: Trajectory) -> Estimate:
    """1 if the printed bound holds at all times of the run, else 0."""
    system = ParticleSystem.expect(trajectory.problem)
    n, d = system.points.shape
    bound = printed_deviation_bound(trajectory.axis.points, n, d, system.beta)
    return Estimate.exact(float(np.all(_deviation(trajectory).lower <= bound)))


def _printed_probability(problem: Problem, axis: Axis | None) -> AtLeast:
    return AtLeast(1 - printed_failure_bound(*ParticleSystem.expect(problem).points.shape), domain=(0, 1))


def _largest_cosine(problem: Problem) -> Estimate:
    """In units of 2 sqrt(log d / d); only for d >= n."""
    points = ParticleSystem.expect(problem).points
    n, d = points.shape
    return Estimate.exact(np.max(np.abs(extreme_cosines(points[None]))) / frame_radius(d) if n <= d else np.nan)


def _excess_dimension(problem: Problem) -> Estimate:
    n, d = ParticleSystem.expect(problem).points.shape
    return Estimate.exact(d - n)


@functools.cache
@in_float64
def _three_of_many_dimensions() -> Trajectory:
    return simulate(ParticleSystem.uniform(3, 2000, 1.0, Model.SA, seed=2), TIMES)


def _close_tokens() -> ParticleSystem:
    return ParticleSystem.project(1 + np.eye(100)[:3], 1.0, Model.SA)


_HIGH_DIMENSION = Hypothesis("d >= n (excess)", AtLeast(0.0), _excess_dimension)

THEOREM = Theorem(
    id="high_dimension_curve",
    theory="attention",
    title="One curve for all cosines in high dimension",
    statement="For d >= n, if all |<x_i(0), x_j(0)>| are at most 2 sqrt(log d / d), as those of n independent uniform"
    " tokens are with probability at least 1 - n (n - 1) / d^2, then under SA every"
    " |<x_i(t), x_j(t)> - gamma_beta(t)| is at most 2 exp(2 (beta + 3) t) sqrt(log d / d), where"
    " gamma_beta is the cosine of orthogonal tokens.",
    source=Source(
        PERSPECTIVE,
        "high dimension: phase transition curve",
        "Constants derived: printed are exp(10 max(1, beta) n t), which is more, and the probability"
        " 1 - 2 n^2 d^(-1/64) for d >= d*(n, beta) not known, which is positive only for d > (2 n^2)^64. The bound is"
        " vacuous but for short times; the second one there, C exp(-lambda t) with constants that are not given, is"
        " left out.",
    ),
    about=ParticleSystem,
    hypotheses=(
        _HIGH_DIMENSION,
        SEVERAL_TOKENS,
        EQUAL_MASSES,
        SA_ONLY,
        Hypothesis("cosines at time 0 as in high dimension (over 2 sqrt(log d/d))", AtMost(1.0), _largest_cosine),
    ),
    quantity=_deviation,
    predict=_predict,
    example=_three_of_many_dimensions,
    counterexample=_close_tokens,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("equiangular_motion",),
    as_printed=(
        PrintedForm(
            "For d >= d*(n, beta) and n independent uniform tokens under SA, with probability at least"
            " 1 - 2 n^2 d^(-1/64) every |<x_i(t), x_j(t)> - gamma_beta(t)| is at most 2 c^{n t} sqrt(log d / d),"
            " c = exp(10 max(1, beta)).",
            predict=_printed_probability,
            quantity=_stays,
            hypotheses=(
                _HIGH_DIMENSION,
                SEVERAL_TOKENS,
                EQUAL_MASSES,
                SA_ONLY,
                Hypothesis("d >= d*(n, beta), which is not known", None, None),
            ),
            ends=Status.VACUOUS,
        ),
    ),
)
