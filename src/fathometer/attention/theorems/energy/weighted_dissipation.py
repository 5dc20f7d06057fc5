"""With symmetric scores and values that are multiples of them, what the energy gains is what the tokens dissipate."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import ATTENTION_ALONE, NO_QUERY_BIAS, SOFTMAX
from fathometer.attention.model.weights._hypotheses import (
    NO_MASK,
    ONE_HEAD_OR_USA,
    POST_LN,
    SOME_BETA,
    SYMMETRIC_SCORES,
    VALUES_ARE_SCORES,
)
from fathometer.attention.observables.weights._energy import energy_defect
from fathometer.attention.theorems.variants._weights_examples import run_of_symmetric_weights, with_other_values
from fathometer.evidence import Axis, AxisKind, Problem, Source, Theorem, Within


def _no_defect(problem: Problem, axis: Axis | None) -> Within:
    return Within(-1e-9, 1e-9)


THEOREM = Theorem(
    id="weighted_dissipation",
    theory="attention",
    title="Symmetric weights: energy gained is energy dissipated",
    statement="If Q_h'K_h is symmetric and V_h = s_h Q_h'K_h, with one head under SA and any number under USA, the"
    " energy sum_h s_h sum_ij m_i m_j exp(beta (<Q_h x_i, K_h x_j> - 1)) / (2 beta) changes at the rate"
    " sum_i m_i Z_i |dx_i/dt|^2 for SA, Z_i the normaliser, and sum_i m_i |dx_i/dt|^2 for USA.",
    source=Source(
        PERSPECTIVE,
        "gradient flow structure for V = Q'K symmetric",
        "With masses, heads and factors derived here. Measured at every state, by the derivative of the energy along"
        " the velocity, to 1e-9 of the largest rate.",
    ),
    about=Variant,
    hypotheses=(
        SYMMETRIC_SCORES,
        VALUES_ARE_SCORES,
        NO_QUERY_BIAS,
        ATTENTION_ALONE,
        ONE_HEAD_OR_USA,
        NO_MASK,
        SOFTMAX,
        POST_LN,
        SOME_BETA,
    ),
    quantity=energy_defect,
    predict=_no_defect,
    example=run_of_symmetric_weights,
    counterexample=with_other_values,
    along=(AxisKind.TIME,),
    reads=("points",),
)
