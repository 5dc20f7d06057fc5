"""On the circle, uniform tokens are exponentially unlikely to be in given caps."""

import sys

from fathometer.attention.model._random_problems import CapTokens
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import (
    NEARLY_CERTAIN,
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def share_in_caps(trajectory: Trajectory) -> Estimate:
    """Share of the draws with all tokens in the caps, with its Clopper-Pearson interval."""
    return Estimate.share_of(trajectory.states["inside"], NEARLY_CERTAIN)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most c^n, with room of a hundredth."""
    tokens = CapTokens.expect(problem)
    return AtMost(min(1.0, tokens.covered**tokens.n + 0.01), domain=(0, 1))


def _gamma(problem: Problem) -> Estimate:
    return Estimate.exact(CapTokens.expect(problem).gamma)


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
    hypotheses=(Hypothesis("the caps are separated: gamma > 0", AtLeast(sys.float_info.min), _gamma),),
    quantity=share_in_caps,
    predict=predict,
)
