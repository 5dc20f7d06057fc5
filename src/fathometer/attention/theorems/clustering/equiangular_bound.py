"""Orthogonal tokens collapse at an explicit exponential rate after a time exponential in beta."""

import dataclasses

import numpy as np

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.predictions._equiangular import EQUIANGULAR, common_cosine, extreme_cosines
from fathometer.evidence import (
    YES,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
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


def _printed_bound(problem: Problem, axis: Axis | None) -> AtMost:
    if axis is None:
        raise InputError("the bound is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    n, beta = len(system.points), system.beta
    with np.errstate(over="ignore"):
        rate = n / (n + np.exp(beta / 2))
        return AtMost(np.exp(rate * (n * np.exp(beta) / 2 - axis.points)) / 2 + _SLACK, _DOMAIN)


def _bound(problem: Problem, axis: Axis | None) -> AtMost:
    bound = np.asarray(_printed_bound(problem, axis).bound.value)  # type: ignore[union-attr]
    system = ParticleSystem.expect(problem)
    late = axis.points >= len(system.points) * np.exp(system.beta) / 2  # type: ignore[union-attr]
    return AtMost(np.where(late, bound, np.inf), _DOMAIN)


def _cosine(problem: Problem) -> Estimate:
    return Estimate.exact(common_cosine(ParticleSystem.expect(problem)))


def _is_softmax(problem: Problem) -> Estimate:
    return Estimate.exact(float(ParticleSystem.expect(problem).model is Model.SA))


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
    hypotheses=(
        *EQUIANGULAR,
        Hypothesis("orthogonal tokens", Within(-1e-9, 1e-9), _cosine),
        Hypothesis("the model is SA", YES, _is_softmax),
    ),
    quantity=_deficit,
    predict=_bound,
)

PRINTED = dataclasses.replace(
    THEOREM,
    id="equiangular_bound_printed",
    title="As printed, for all times: false",
    statement="For n orthogonal tokens under SA, 1 - <x_i, x_j> <= (1/2) exp(n (n exp(beta)/2 - t) / (n + exp(beta/2)))"
    " for t >= 0.",
    predict=_printed_bound,
)
