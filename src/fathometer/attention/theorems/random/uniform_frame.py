"""In very high dimension uniform tokens are near an orthogonal frame."""

import functools
import math

import numpy as np

from fathometer.attention.dynamics._random_draws import draw_frames
from fathometer.attention.model._random_problems import UniformTokens
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.predictions._random_clouds import frame_probability, frame_radius, printed_failure_bound
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    PrintedForm,
    Problem,
    Source,
    Status,
    Theorem,
    Trajectory,
)
from fathometer.numerics._confidence_intervals import sure_share


def _share_near_a_frame(trajectory: Trajectory) -> Estimate:
    """Share of the draws in which the nearest orthonormal frame is within sqrt(4 log d/d) of every token."""
    near = trajectory.states["distance"] <= frame_radius(UniformTokens.expect(trajectory.problem).d)
    return sure_share(int(np.sum(near)), len(near))


def _predict(problem: Problem, axis: Axis | None) -> AtLeast:
    tokens = UniformTokens.expect(problem)
    return AtLeast(frame_probability(tokens.n, tokens.d), domain=(0, 1))


def _predict_as_printed(problem: Problem, axis: Axis | None) -> AtLeast:
    tokens = UniformTokens.expect(problem)
    return AtLeast(1 - printed_failure_bound(tokens.n, tokens.d), domain=(0, 1))


def _excess(problem: Problem) -> Estimate:
    tokens = UniformTokens.expect(problem)
    return Estimate.exact(math.log(tokens.d) - math.log(tokens.n))


@functools.cache
def _draws() -> Trajectory:
    return draw_frames(UniformTokens(3, 100), 500, seed=1)


def _too_many_tokens() -> UniformTokens:
    return UniformTokens(9, 3)


_NOT_TOO_MANY = Hypothesis("n <= d (log ratio)", AtLeast(0.0), _excess)

THEOREM = Theorem(
    id="uniform_frame",
    theory="attention",
    title="Uniform tokens near an orthogonal frame",
    statement="For n <= d independent uniform tokens, with probability at least 1 - n (n - 1) d^(-2/(n - 1)) there are"
    " orthonormal w_i with |x_i - w_i| <= sqrt(4 log d / d): those of the polar decomposition.",
    source=Source(
        METASTABILITY,
        "random initial data, uniform in high dimension",
        "The probability is derived. Printed is 1 - 2 n^2 d^(-1/64) for d >= d*(n) that is not known; it is less for"
        " n <= 129, and positive only for d > (2 n^2)^64.",
    ),
    about=UniformTokens,
    hypotheses=(_NOT_TOO_MANY,),
    quantity=_share_near_a_frame,
    predict=_predict,
    example=_draws,
    counterexample=_too_many_tokens,
    along=(AxisKind.DRAW,),
    reads=("distance",),
    as_printed=(
        PrintedForm(
            "For d >= d*(n), with probability at least 1 - 2 n^2 d^(-1/64) there are orthonormal w_i with"
            " |x_i - w_i| <= sqrt(4 log d / d) for n independent uniform tokens.",
            predict=_predict_as_printed,
            hypotheses=(_NOT_TOO_MANY, Hypothesis("d >= d*(n), which is not known", None, None)),
            ends=Status.VACUOUS,
        ),
    ),
)
