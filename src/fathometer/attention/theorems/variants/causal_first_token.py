"""Under a causal mask the first token moves by its values alone."""

import numpy as np

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import ATTENTION_ALONE, CAUSAL_POST, SOFTMAX
from fathometer.attention.model.weights._hypotheses import SA_WEIGHTS
from fathometer.attention.predictions.weights._first_token import first_token_path
from fathometer.attention.theorems.variants._weights_examples import run_of_causal_values, values_without_mask
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Problem, Source, Theorem, Trajectory, Within

_ROOM = 1e-6


def _first(trajectory: Trajectory) -> Estimate:
    return Estimate.exact(trajectory.states["points"][:, 0], along=trajectory.axis)


def _predict(problem: Problem, axis: Axis | None) -> Within:
    if axis is None:
        raise InputError("this is a statement along time; the measurement has no axis")
    path = first_token_path(Variant.expect(problem), np.asarray(axis.points))
    return Within(path - _ROOM, path + _ROOM)


THEOREM = Theorem(
    id="causal_first_token",
    theory="attention",
    title="The first causal token follows its values",
    statement="With a causal mask under SA, whatever Q_h, K_h and beta, x_1(t) = exp(t V) x_1(0) / |exp(t V) x_1(0)|"
    " with V = sum_h V_h: it turns to the eigenvectors of V whose eigenvalues have the largest real part.",
    source=Source(
        CAUSAL, "the first token", "Derived: it attends to itself alone, with weight 1. To 1e-6, room for the solver."
    ),
    about=Variant,
    hypotheses=(CAUSAL_POST, SOFTMAX, SA_WEIGHTS, ATTENTION_ALONE),
    quantity=_first,
    predict=_predict,
    example=run_of_causal_values,
    counterexample=values_without_mask,
    along=(AxisKind.TIME,),
    reads=("points",),
)
