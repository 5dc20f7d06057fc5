"""Orthogonal tokens collapse at an explicit exponential rate after a time exponential in beta."""

import numpy as np

from fathometer.attention.model._hypotheses import SA_ONLY
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._cosines import extreme_cosines
from fathometer.attention.predictions._equiangular import EQUIANGULAR, common_cosine, orthogonal_deficit_bound
from fathometer.attention.theorems._examples import (
    orthogonal_tokens,
    run_of_orthogonal_tokens,
    run_of_two_orthogonal_tokens,
)
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

_DOMAIN = (0.0, 2.0)
_SLACK = 1e-6


def _deficit(trajectory: Trajectory) -> Estimate:
    return Estimate.exact(1 - extreme_cosines(trajectory.states["points"])[:, 0], along=trajectory.axis)


def _bound_as_printed(problem: Problem, axis: Axis | None) -> AtMost:
    return _bound(problem, axis, early=True)


def _bound(problem: Problem, axis: Axis | None, early: bool = False) -> AtMost:
    if axis is None:
        raise InputError("the bound is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    n, times = len(system.points), axis.points
    bound = orthogonal_deficit_bound(times, n, system.beta) + _SLACK
    return AtMost(np.where(early | (times >= n * np.exp(system.beta) / 2), bound, np.inf), _DOMAIN)


def _cosine(problem: Problem) -> Estimate:
    return Estimate.exact(common_cosine(ParticleSystem.expect(problem)))


def _under_usa() -> ParticleSystem:
    return orthogonal_tokens(3, model=Model.USA)


THEOREM = Theorem(
    id="equiangular_bound",
    theory="attention",
    title="Collapse of orthogonal tokens at an explicit rate",
    statement="For n orthogonal tokens under SA, 1 - <x_i, x_j> <= (1/2) exp(n (n exp(beta)/2 - t) / (n + exp(beta/2)))"
    " for t >= n exp(beta)/2.",
    source=Source(
        PERSPECTIVE,
        "high dimension: bound on the common cosine",
        "Printed for all t >= 0, which is false (at t = 0, n = 2, beta = 0 it says 1 <= 0.97); the range is corrected."
        " A slack of 1e-6 is room for the solver.",
    ),
    about=ParticleSystem,
    hypotheses=(*EQUIANGULAR, Hypothesis("orthogonal tokens", Within(-1e-9, 1e-9), _cosine), SA_ONLY),
    quantity=_deficit,
    predict=_bound,
    example=run_of_orthogonal_tokens,
    counterexample=_under_usa,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("equiangular_motion",),
    as_printed=(
        PrintedForm(
            "For n orthogonal tokens under SA, 1 - <x_i, x_j> <= (1/2) exp(n (n exp(beta)/2 - t) / (n + exp(beta/2)))"
            " for t >= 0.",
            predict=_bound_as_printed,
            example=run_of_two_orthogonal_tokens,
        ),
    ),
)
