"""In one dimension the attention matrix tends to a Boolean one of low rank."""

import numpy as np

from fathometer.attention.model._references import EMERGENCE
from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens
from fathometer.attention.observables.variants._rescaled import distance_to_boolean
from fathometer.attention.theorems.variants._examples import run_on_the_line, unprojected
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
    Within,
)

ROOM = 0.02


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 0.02."""
    return AtMost(ROOM, domain=(0, 0.5))


def _dimension(problem: Problem) -> Estimate:
    return Estimate.exact(RescaledTokens.expect(problem).points.shape[1])


def _value(problem: Problem) -> Estimate:
    return Estimate.exact(float(np.min(RescaledTokens.expect(problem).value)))


def _product(problem: Problem) -> Estimate:
    tokens = RescaledTokens.expect(problem)
    return Estimate.exact(float(np.min(tokens.query * tokens.key)))


THEOREM = Theorem(
    id="boolean_attention",
    theory="attention",
    title="Attention becomes Boolean",
    statement="For d = 1, V > 0 and Q K > 0 the attention matrix of unprojected tokens tends to a Boolean matrix of low"
    " rank: all rows but at most one end with a single 1. Here the entries at the end are within 0.02 of 0 or 1.",
    source=Source(EMERGENCE, "the attention matrix for d = 1", "From memory. A run that is too short is undecided."),
    about=RescaledTokens,
    hypotheses=(
        Hypothesis("d = 1", Within(1, 1, domain=(1, None)), _dimension),
        Hypothesis("V > 0", Positive(), _value),
        Hypothesis("Q K > 0", Positive(), _product),
    ),
    quantity=distance_to_boolean,
    predict=predict,
    example=run_on_the_line,
    counterexample=unprojected,
    along=(AxisKind.TIME,),
    reads=("attention",),
)
