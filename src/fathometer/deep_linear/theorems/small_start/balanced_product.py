"""The product of a balanced network obeys an equation of its own."""

from fathometer.deep_linear.dynamics.flow._balanced_flow import balanced_flow, balanced_velocity
from fathometer.deep_linear.model._flow_problem import GradientFlow, initial_product, network_of
from fathometer.deep_linear.model._references import ARORA_COHEN_HAZAN
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import NONZERO_START, PLAIN
from fathometer.deep_linear.theorems._paths import around, product_path, times_of
from fathometer.deep_linear.theorems._special_hypotheses import BALANCED
from fathometer.evidence import Axis, AxisKind, Prediction, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The path of the equation in d dimensions, to 1e-7."""
    network, start, times = network_of(problem), initial_product(problem), times_of(axis)
    path = balanced_flow(network, start, times, convergence=0.0).states["w"]
    if len(path) < len(times):
        path = balanced_flow(network, start, times, convergence=0.0, stiff=True).states["w"]
    scale = max(network.regression.norm, float(abs(start).max()))
    return around(path, balanced_velocity(network, path), times, scale)


THEOREM = Theorem(
    id="balanced_product",
    theory="deep_linear",
    title="A closed equation for balanced networks",
    statement=(
        "If W_{k+1}^T W_{k+1} = W_k W_k^T at time 0, the product obeys dw/dt = -|w|^{2-2/L} (g + (L-1) u <u, g>), "
        "u = w / |w|, g = 2 sigma (w - w*). Judged to 1e-7 in w and in time."
    ),
    source=Source(ARORA_COHEN_HAZAN, "end-to-end update rule", "for one output, with the factors of this risk"),
    about=GradientFlow,
    hypotheses=(PLAIN, BALANCED, NONZERO_START),
    quantity=product_path,
    predict=predict,
    example=_examples.balanced_start,
    counterexample=_examples.unbalanced_flow,
    along=(AxisKind.TIME,),
    reads=("W1",),
    cost="a second integration, of the product alone",
    uses=("imbalance_conserved",),
)
