"""Under a causal mask all tokens converge to the first one."""

import numpy as np

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import (
    ATTENTION_ALONE,
    CAUSAL_POST,
    IDENTITY_VALUES,
    NO_QUERY_BIAS,
    ONE_HEAD,
    SOFTMAX,
)
from fathometer.attention.observables.variants._causal import last_chords_to_first
from fathometer.attention.theorems.variants._examples import equiangular, run_of_causal_tokens
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem

_ARRIVED = 1e-3


def _arrived(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(_ARRIVED, (0.0, 2.0))


def _from_antipode(problem: Problem) -> Estimate:
    points = Variant.expect(problem).system.points
    return Estimate.exact(np.min(np.linalg.norm(points + points[0], axis=-1)))


def _without_mask() -> Variant:
    return Variant(equiangular())


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
    about=Variant,
    hypotheses=(
        CAUSAL_POST,
        SOFTMAX,
        IDENTITY_VALUES,
        ONE_HEAD,
        NO_QUERY_BIAS,
        ATTENTION_ALONE,
        Hypothesis("no token opposite to the first one", AtLeast(1e-6), _from_antipode),
    ),
    quantity=last_chords_to_first,
    predict=_arrived,
    example=run_of_causal_tokens,
    counterexample=_without_mask,
    along=(AxisKind.TIME,),
    reads=("points",),
)
