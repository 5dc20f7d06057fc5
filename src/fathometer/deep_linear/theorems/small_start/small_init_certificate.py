"""A certificate on the sharpness of the limit of gradient flow."""

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.predictions._small_start import certified_sharpness
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import small_start_source
from fathometer.deep_linear.theorems._hypotheses import PLAIN
from fathometer.deep_linear.theorems._limit import CONVERGES, COST, SHARPNESS_ROOM, limit_of, limit_sharpness
from fathometer.evidence import AtMost, Axis, AxisKind, Prediction, Problem, Theorem


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 lambda_max(c_1 sigma + c_2 sigma^{1/2} v_1 v_1^T sigma^{1/2}), with 1e-7 of it for the integrator."""
    start = GradientFlow.expect(problem)
    bound = certified_sharpness(start.network, start.weights, limit_of(start).weights)
    return AtMost(bound * (1 + SHARPNESS_ROOM), domain=(0.0, None))


THEOREM = Theorem(
    id="small_init_certificate",
    theory="deep_linear",
    title="Sharpness certified by singular values",
    statement=(
        "The limit of gradient flow has sharpness at most 2 lambda_max(c_1 sigma + c_2 sigma^{1/2} v_1 v_1^T "
        "sigma^{1/2}), c_2 = P^2 sum_{k>=2} sigma_k^{-2}, c_1 = P^2 / sigma_1^2 + epsilon_1 c_2 / sigma_1^2, with the "
        "singular values of the limit, P their product, and epsilon_1 from the start."
    ),
    source=small_start_source("K <= c_1 I + c_2 v_1 v_1^T"),
    about=GradientFlow,
    hypotheses=(PLAIN, CONVERGES),
    quantity=limit_sharpness,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    reads=("W1",),
    cost=COST,
    uses=("layer_rank_one",),
)
