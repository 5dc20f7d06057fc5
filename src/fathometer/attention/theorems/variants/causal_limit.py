"""Under a causal mask all tokens converge to the first one."""

import numpy as np

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.evidence import (
    YES,
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

_ARRIVED = 1e-3


def _distances(trajectory: Trajectory) -> Estimate:
    """Chords to the first token's start, at the end; a limit could still be anything below them."""
    start = Variant.expect(trajectory.problem).system.points[0]
    chords = np.linalg.norm(trajectory.states["points"][-1] - start, axis=-1)
    return Estimate.heuristic(chords, np.zeros_like(chords), chords)


def _arrived(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(_ARRIVED, (0.0, 2.0))


def _causal(problem: Problem) -> Estimate:
    variant = Variant.expect(problem)
    return Estimate.exact(float(variant.causal and variant.normalization is Normalization.POST))


def _value_excess(problem: Problem) -> Estimate:
    value = Variant.expect(problem).value
    return Estimate.exact(np.max(np.abs(value - np.eye(len(value)))))


def _from_antipode(problem: Problem) -> Estimate:
    points = Variant.expect(problem).system.points
    return Estimate.exact(np.min(np.linalg.norm(points + points[0], axis=-1)))


CAUSAL_POST = Hypothesis("a causal mask and Post-LN", YES, _causal)
IDENTITY_VALUES = Hypothesis("values are the tokens: V = I", AtMost(1e-12), _value_excess)

THEOREM = Theorem(
    id="causal_limit",
    theory="attention",
    title="Causal tokens converge to the first one",
    statement="With a causal mask, V = I, any Q, K and beta >= 0, from almost every start every token converges to"
    " x_1(0), which does not move; here the chords at the end of the run are at most 1e-3.",
    source=Source(
        CAUSAL,
        "convergence to the first token",
        "A limit: a run that has not arrived is undecided. Of the exceptional starts, only antipodes of the first token"
        " are recognised.",
    ),
    hypotheses=(
        CAUSAL_POST,
        IDENTITY_VALUES,
        Hypothesis("no token opposite to the first one", AtLeast(1e-6), _from_antipode),
    ),
    quantity=_distances,
    predict=_arrived,
)
