"""Gradient flow conserves the imbalance of neighbouring layers."""

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._references import ARORA_COHEN_HAZAN
from fathometer.deep_linear.observables._imbalance import IMBALANCE_DRIFT
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import TOLERANCE
from fathometer.deep_linear.theorems._hypotheses import DEEP
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory


def drift(trajectory: Trajectory) -> Estimate:
    """Relative drift of the D_k along the flow.

    Raises:
        InputError: if it was not observed and the weights were not stored.
    """
    return trajectory.observe(IMBALANCE_DRIFT)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """No drift, but for the integrator."""
    return AtMost(TOLERANCE, domain=(0.0, None))


THEOREM = Theorem(
    id="imbalance_conserved",
    theory="deep_linear",
    title="Gradient flow conserves the imbalance",
    statement=(
        "D_k = W_{k+1}^T W_{k+1} - W_k W_k^T is constant along gradient flow of any loss of the product, for k = 1 to "
        "L - 1. Judged to 1e-7 of the largest |W_k|_F^2."
    ),
    source=Source(ARORA_COHEN_HAZAN, "conservation law of linear networks", "from W_{k+1}^T grad_{k+1} = grad_k W_k^T"),
    about=GradientFlow,
    hypotheses=(DEEP,),
    quantity=drift,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.one_layer_flow,
    along=(AxisKind.TIME,),
    reads=("imbalance_drift",),
)
