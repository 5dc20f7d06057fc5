"""With symmetric scores and values that are multiples of them, an energy never decreases."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import ATTENTION_ALONE, NO_QUERY_BIAS, SOFTMAX
from fathometer.attention.model.weights._hypotheses import (
    NO_MASK,
    ONE_HEAD_OR_USA,
    SOME_BETA,
    SYMMETRIC_SCORES,
    VALUES_ARE_SCORES,
)
from fathometer.attention.observables.weights._energy import relative_energy
from fathometer.attention.theorems.variants._weights_examples import run_of_symmetric_weights, with_other_values
from fathometer.evidence import Axis, AxisKind, Direction, Monotone, Problem, Source, Theorem


def _never_decreases(problem: Problem, axis: Axis | None) -> Monotone:
    return Monotone(Direction.INCREASING, slack=1e-9)


THEOREM = Theorem(
    id="weighted_energy",
    theory="attention",
    title="Symmetric weights climb an energy of their own",
    statement="If Q_h'K_h is symmetric and V_h = s_h Q_h'K_h, with one head under SA and any number under USA, then"
    " sum_h s_h sum_ij m_i m_j exp(beta (<Q_h x_i, K_h x_j> - 1)) / (2 beta) never decreases. For s < 0 it is a"
    " descent: tokens repel.",
    source=Source(
        PERSPECTIVE,
        "gradient flow structure for V = Q'K symmetric",
        "With masses, heads, factors and every normalisation derived here: velocities are the gradient times positive"
        " numbers. The slack of 1e-9 of the largest energy is room for the solver.",
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
        SOME_BETA,
    ),
    quantity=relative_energy,
    predict=_never_decreases,
    example=run_of_symmetric_weights,
    counterexample=with_other_values,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("weighted_dissipation",),
)
