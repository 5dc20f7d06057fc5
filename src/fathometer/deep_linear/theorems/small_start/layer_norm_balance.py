"""Neighbouring layers keep nearly equal norms."""

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.observables._imbalance import imbalance_norms
from fathometer.deep_linear.observables._layer_observables import LAYER_NORM
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import TOLERANCE, natural_square, small_start_source
from fathometer.deep_linear.theorems._hypotheses import DEEP
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def norm_gaps(trajectory: Trajectory) -> Estimate:
    """|sigma_{k+1}^2 - sigma_k^2| along the flow, shape (T, L - 1)."""
    sigma = np.asarray(trajectory.observe(LAYER_NORM).value)
    return Estimate.exact(np.abs(np.diff(sigma**2, axis=-1)), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most delta_k, from the start alone."""
    start = GradientFlow.expect(problem)
    return AtMost(imbalance_norms(start.weights) + TOLERANCE * natural_square(start), domain=(0.0, None))


THEOREM = Theorem(
    id="layer_norm_balance",
    theory="deep_linear",
    title="Neighbouring layers keep nearly equal norms",
    statement=(
        "For all times of gradient flow, |sigma_{k+1}^2 - sigma_k^2| <= delta_k = |W_{k+1}^T W_{k+1} - W_k W_k^T|_op, "
        "taken at time 0. Judged to 1e-7 of the layers' size."
    ),
    source=small_start_source("inequality (ii) on the layers, which a readout does not disturb"),
    about=GradientFlow,
    hypotheses=(DEEP,),
    quantity=norm_gaps,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.one_layer_flow,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("imbalance_conserved",),
)
