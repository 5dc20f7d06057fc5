"""From small weights, gradient flow ends at the sharpness of the balanced minimizer."""

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.predictions._small_start import balanced_limit_bracket
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import small_start_source
from fathometer.deep_linear.theorems._hypotheses import DEEP, DEFINITE, PLAIN, SIGNAL
from fathometer.deep_linear.theorems._limit import CONVERGES, COST, SHARPNESS_ROOM, limit_sharpness
from fathometer.evidence import Axis, AxisKind, Prediction, Problem, Theorem, Within


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """In the bracket around S_balanced, from the start alone, with 1e-7 of it for the integrator."""
    start = GradientFlow.expect(problem)
    bracket = balanced_limit_bracket(start.network, start.weights)
    return Within(bracket.lower * (1 - SHARPNESS_ROOM), bracket.upper * (1 + SHARPNESS_ROOM), domain=(0.0, None))


THEOREM = Theorem(
    id="small_init_balanced_limit",
    theory="deep_linear",
    title="The sharpness of small initial weights is S_balanced",
    statement=(
        "If sigma is positive definite and gradient flow converges to a global minimizer, the sharpness S there is in "
        "a bracket around S_balanced that is known at time 0 and closes as the initial weights tend to zero. S / S_min "
        "tends to S_balanced / S_min <= 1 + (lambda_max / a - 1) / L."
    ),
    source=small_start_source("the certificate, with the singular values of the limit bounded from the start"),
    about=GradientFlow,
    hypotheses=(PLAIN, DEEP, DEFINITE, SIGNAL, CONVERGES),
    quantity=limit_sharpness,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    reads=("W1",),
    cost=COST,
    uses=("small_init_certificate", "layer_norm_balance", "layer_product"),
)
