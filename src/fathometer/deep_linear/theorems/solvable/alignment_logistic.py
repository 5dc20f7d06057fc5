"""Gradient flow on the logistic loss aligns the layers and makes them rank one."""

import numpy as np

from fathometer.deep_linear.model._references import JI_TELGARSKY
from fathometer.deep_linear.model.starts._logistic_start import LogisticStart
from fathometer.deep_linear.observables._layer_structure import layer_structure, structure_bounds
from fathometer.deep_linear.theorems import _examples
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_TOLERANCE = 1e-7


def defects(trajectory: Trajectory) -> Estimate:
    """|W_k|_F^2 - s_k^2 for k <= L, then (1 - <v_{k+1}, u_k>^2) (s_k^2 - epsilon_k) for k < L; shape (length, 2L - 1).

    s_k, u_k, v_k are the top singular value and vectors of W_k.
    """
    start = LogisticStart.expect(trajectory.problem)
    structure = layer_structure([trajectory.states[f"W{k}"] for k in range(1, len(start.weights) + 1)])
    room = structure.sigma[..., :-1] ** 2 - structure_bounds(start.weights).epsilon[:-1]
    return Estimate.exact(
        np.concatenate([structure.rank_defect, structure.misalignment * room], axis=-1), along=trajectory.axis
    )


def separation(problem: Problem) -> Estimate:
    """Largest margin of a linear classifier with entries in [-1, 1]."""
    return Estimate.exact(LogisticStart.expect(problem).separation)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most epsilon_k and 2 delta_k, and 1e-7 of |W(0)|^2 for the integrator."""
    start = LogisticStart.expect(problem)
    bounds = structure_bounds(start.weights)
    slack = _TOLERANCE * sum(float(np.sum(matrix**2)) for matrix in start.weights)
    return AtMost(np.concatenate([bounds.epsilon, 2 * bounds.delta]) + slack)


THEOREM = Theorem(
    id="alignment_logistic",
    theory="deep_linear",
    title="Logistic loss: the layers align",
    statement=(
        "Along gradient flow on the logistic loss, |W_k|_F^2 - |W_k|_op^2 <= epsilon_k and "
        "(1 - <v_{k+1}, u_k>^2) (|W_k|_op^2 - epsilon_k) <= 2 delta_k with constants of the start. On separable "
        "data the norms tend to infinity, so that every W_k / |W_k|_F becomes rank one and aligned with its neighbours."
    ),
    source=Source(
        JI_TELGARSKY,
        "alignment of the layers",
        "explicit constants derived: the flow of any loss of the product conserves W_{k+1}^T W_{k+1} - W_k W_k^T",
    ),
    about=LogisticStart,
    hypotheses=(Hypothesis("the data are linearly separable", Positive(), separation),),
    quantity=defects,
    predict=predict,
    example=_examples.classifier,
    counterexample=_examples.mixed_classes,
    along=(AxisKind.TIME,),
    reads=("W1",),
    cost="a linear program",
    uses=("imbalance_conserved",),
)
