"""Two balanced layers on whitened data follow a Riccati equation."""

from fathometer.deep_linear.dynamics.flow._balanced_flow import balanced_velocity
from fathometer.deep_linear.dynamics.flow._riccati import riccati_flow
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._references import BRAUN_ET_AL
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import NONZERO_TARGET, PLAIN
from fathometer.deep_linear.theorems._paths import around, product_path, times_of
from fathometer.deep_linear.theorems._special_hypotheses import BALANCED, TWO_LAYERS, WHITE
from fathometer.evidence import Axis, AxisKind, Prediction, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The closed form, to 1e-7."""
    start, times = GradientFlow.expect(problem), times_of(axis)
    path = riccati_flow(start.network, start.weights, times).states["w"]
    scale = max(start.network.regression.norm, float(abs(path).max()))
    return around(path, balanced_velocity(start.network, path), times, scale)


THEOREM = Theorem(
    id="riccati_solution",
    theory="deep_linear",
    title="Exact solution for two layers",
    statement=(
        "For depth 2, sigma = c I and a balanced start, P = Q Q^T with Q = [W_1^T; W_2] solves a matrix Riccati "
        "equation, so the product is known in closed form at all times. Judged to 1e-7 in w and in time."
    ),
    source=Source(BRAUN_ET_AL, "exact dynamics of two-layer networks", "first by Fukumizu (1998); in these units"),
    about=GradientFlow,
    hypotheses=(
        PLAIN,
        TWO_LAYERS,
        NONZERO_TARGET,
        WHITE,
        BALANCED,
    ),
    quantity=product_path,
    predict=predict,
    example=_examples.two_white_layers,
    counterexample=_examples.unbalanced_flow,
    along=(AxisKind.TIME,),
    reads=("W1",),
)
