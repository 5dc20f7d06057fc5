"""From a certified state on, the sharpness of the limit of gradient flow is enclosed."""

from fathometer.deep_linear.dynamics.certified._moment import rest_of_flow
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._limit import limit_sharpness
from fathometer.deep_linear.theorems.certified._shared import (
    CERTIFIABLE,
    PREMISE,
    certificate_source,
    flow_certificate,
)
from fathometer.evidence import Axis, AxisKind, Prediction, Problem, Theorem, Within


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """2 lambda_max(sigma^{1/2} K sigma^{1/2}) of the state, up to what the kernel can change in the ball."""
    found = flow_certificate(problem)
    return Within(float(found.lowest[0]), float(found.highest[0]), domain=(0.0, None))


THEOREM = Theorem(
    id="certified_sharpness",
    theory="deep_linear",
    title="A certificate on the way: sharpness of the limit",
    statement=PREMISE
    + (
        "then the minimizer that gradient flow converges to has a sharpness within 2 lambda_max(sigma) Delta(r) of "
        "2 lambda_max(sigma^{1/2} K sigma^{1/2}), Delta(r) the most that K can change: exact as e goes to 0."
    ),
    source=certificate_source("the limit is in the ball"),
    about=GradientFlow,
    hypotheses=(CERTIFIABLE,),
    quantity=limit_sharpness,
    predict=predict,
    example=_examples.generic_flow,
    counterexample=_examples.unbalanced_flow,
    along=(AxisKind.TIME,),
    reads=("W1",),
    part=rest_of_flow,
    uses=("certified_convergence",),
)
