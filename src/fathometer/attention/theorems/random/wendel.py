"""How likely uniform points are in one hemisphere."""

import functools

import numpy as np

from fathometer.attention.dynamics._random_draws import draw_hemispheres
from fathometer.attention.model._random_problems import UniformTokens
from fathometer.attention.model._references import WENDEL
from fathometer.attention.predictions._random_clouds import hemisphere_probability
from fathometer.evidence import Axis, AxisKind, Estimate, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics._confidence_intervals import sure_share

_ROOM = 0.02


def _share_in_hemisphere(trajectory: Trajectory) -> Estimate:
    """Share of the draws in an open hemisphere, with its Clopper-Pearson interval; unclear draws widen it.

    A margin of at most 1e-9 counts as none: it has about that probability.
    """
    draws = len(trajectory.axis)
    surely = int(np.sum(trajectory.states["margin"] > 0))
    maybe = int(np.sum(trajectory.states["upper"] > 1e-9))
    return sure_share(surely, draws, maybe)


def _predict(problem: Problem, axis: Axis | None) -> Within:
    tokens = UniformTokens.expect(problem)
    probability = hemisphere_probability(tokens.n, tokens.d).value
    return Within(probability - _ROOM, probability + _ROOM, domain=(0, 1))


@functools.cache
def _draws() -> Trajectory:
    return draw_hemispheres(UniformTokens(12, 3), 3000, seed=1)


THEOREM = Theorem(
    id="wendel",
    theory="attention",
    title="Uniform tokens in a hemisphere",
    statement="n independent uniform points of the sphere of R^d lie in an open hemisphere with probability"
    " 2^{-(n-1)} sum_{k<d} binomial(n-1, k), surely if n <= d; then SA and USA collapse exponentially fast."
    " Here to 0.02.",
    source=Source(WENDEL, "formula for N points in d dimensions"),
    about=UniformTokens,
    hypotheses=(),
    quantity=_share_in_hemisphere,
    predict=_predict,
    example=_draws,
    along=(AxisKind.DRAW,),
    reads=("margin", "upper"),
    uses=("hemisphere_rate",),
)
