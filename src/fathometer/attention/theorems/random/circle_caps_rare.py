"""On the circle, uniform tokens are exponentially unlikely to be in given caps."""

import functools

import numpy as np

from fathometer.attention.dynamics._random_draws import draw_in_caps
from fathometer.attention.model._random_problems import CapTokens
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Problem,
    Source,
    Theorem,
    Trajectory,
)
from fathometer.numerics._confidence_intervals import sure_share


def _share_in_caps(trajectory: Trajectory) -> Estimate:
    """Share of the draws with all tokens in the caps, with its Clopper-Pearson interval."""
    return sure_share(int(np.sum(trajectory.states["inside"])), len(trajectory.axis))


def _predict(problem: Problem, axis: Axis | None) -> AtMost:
    tokens = CapTokens.expect(problem)
    return AtMost(min(1.0, tokens.covered**tokens.n + 0.01), domain=(0, 1))


def _gamma(problem: Problem) -> Estimate:
    return Estimate.exact(CapTokens.expect(problem).gamma)


@functools.cache
def _draws() -> Trajectory:
    return draw_in_caps(CapTokens(3, 3, 40.0, 0.05), 20_000, seed=1)


def _wide_caps() -> CapTokens:
    return CapTokens(3, 3, 1.0, 0.05)


THEOREM = Theorem(
    id="circle_caps_rare",
    theory="attention",
    title="On the circle uniform tokens are rarely separated",
    statement="n independent uniform tokens of the circle are all in the k caps S_q(eps) of given separated centres"
    " with probability c^n, c = (k/pi) arccos(1 - eps) < 1; here at most that, and 0.01.",
    source=Source(
        METASTABILITY,
        "random initial data, d = 2",
        "There for the best centres, with a constant c(beta, eps) < 1 that is not given; for given centres c is"
        " derived.",
    ),
    about=CapTokens,
    hypotheses=(Hypothesis("the caps are separated: gamma > 0", Positive(), _gamma),),
    quantity=_share_in_caps,
    predict=_predict,
    example=_draws,
    counterexample=_wide_caps,
    along=(AxisKind.DRAW,),
    reads=("inside",),
)
