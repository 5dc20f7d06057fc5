"""Descent moves the imbalance of neighbouring layers by the square of its step."""

import numpy as np

from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import ARORA_COHEN_HAZAN
from fathometer.deep_linear.observables._descent_steps import increment_defect
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEEP
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ROUNDING = 1e-12


def defect(trajectory: Trajectory) -> Estimate:
    """`increment_defect` of each step; NaN for states that are not those of consecutive steps of plain descent.

    Raises:
        InputError: if the weights were not stored.
    """
    network = DeepLinear.expect(trajectory.problem)
    weights = stored_weights(network, trajectory.states, "the increment")
    defects = increment_defect(network, weights)
    consecutive = np.diff(trajectory.axis.points) == 1
    return Estimate.exact(np.where(consecutive, defects, np.nan))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """No defect, but for rounding."""
    return AtMost(_ROUNDING, domain=(0.0, None))


THEOREM = Theorem(
    id="imbalance_increment",
    theory="deep_linear",
    title="What a step of descent does to the imbalance",
    statement=(
        "One step of descent changes D_k = W_{k+1}^T W_{k+1} - W_k W_k^T by exactly "
        "eta^2 (grad_{k+1}^T grad_{k+1} - grad_k grad_k^T). Judged to 1e-12 of the largest |W_k|_F^2."
    ),
    source=Source(ARORA_COHEN_HAZAN, "conservation law of linear networks", "derived for a finite step"),
    about=DeepLinear,
    hypotheses=(DEEP,),
    quantity=defect,
    predict=predict,
    example=_examples.descent,
    counterexample=_examples.one_layer,
    along=(AxisKind.STEP,),
    reads=("W1",),
)
