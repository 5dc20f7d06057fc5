"""Under a causal mask, values with a simple leading eigenvalue are conjectured to bring all tokens to one line."""

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import (
    ATTENTION_ALONE,
    CAUSAL_POST,
    NO_QUERY_BIAS,
    ONE_HEAD,
    SOFTMAX,
)
from fathometer.attention.model.weights._hypotheses import SA_WEIGHTS
from fathometer.attention.model.weights._leading import leading_direction
from fathometer.attention.observables.weights._causal_values import last_chords_to_line
from fathometer.attention.theorems.variants._weights_examples import causal_plain_values, run_of_causal_values
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem

_ARRIVED = 1e-2


def _arrived(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(_ARRIVED, (0.0, 2.0))


def _lead(problem: Problem) -> Estimate:
    return Estimate.exact(leading_direction(Variant.expect(problem))[1])


THEOREM = Theorem(
    id="causal_values_line",
    theory="attention",
    title="Causal tokens with a leading value direction go to two points",
    statement="Conjecture: with a causal mask and one head, if the eigenvalue of V with the largest real part is real"
    " and simple, with the unit eigenvector xi, then from almost every start every token converges to xi or -xi; here"
    " the chords at the end of the run are at most 1e-2.",
    source=Source(
        CAUSAL,
        "conjecture on the leading eigenvalue of V",
        "Proved for the first token alone (`causal_first_token`). A limit: a run that has not arrived is undecided.",
    ),
    about=Variant,
    hypotheses=(
        CAUSAL_POST,
        SOFTMAX,
        SA_WEIGHTS,
        ONE_HEAD,
        NO_QUERY_BIAS,
        ATTENTION_ALONE,
        Hypothesis("the leading eigenvalue of V is real and simple (lead)", AtLeast(1e-9), _lead),
    ),
    quantity=last_chords_to_line,
    predict=_arrived,
    example=run_of_causal_values,
    counterexample=causal_plain_values,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("causal_first_token",),
)
