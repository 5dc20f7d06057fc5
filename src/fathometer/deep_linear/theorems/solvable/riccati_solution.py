"""Two balanced layers on whitened data follow a Riccati equation."""

from fathometer.deep_linear.dynamics.flow._balanced_flow import balanced_velocity
from fathometer.deep_linear.dynamics.flow._riccati import riccati_flow, whiteness_defect
from fathometer.deep_linear.model._flow_problem import GradientFlow, network_of
from fathometer.deep_linear.model._references import BRAUN_ET_AL
from fathometer.deep_linear.theorems._flow import BALANCED, PLAIN, POSITIVE, depth_of
from fathometer.deep_linear.theorems.descent._paths import around, product_path, times_of
from fathometer.evidence import AtMost, Axis, Estimate, Hypothesis, Prediction, Problem, Source, Theorem, Within


def coloured(problem: Problem) -> Estimate:
    """1 - lambda_min / lambda_max."""
    return Estimate.exact(whiteness_defect(network_of(problem)))


def target_norm(problem: Problem) -> Estimate:
    """Norm of w_star."""
    return Estimate.exact(network_of(problem).regression.norm)


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
    hypotheses=(
        PLAIN,
        Hypothesis("the depth is 2", Within(2.0, 2.0), depth_of),
        Hypothesis("w_star is not zero", POSITIVE, target_norm),
        Hypothesis("sigma is a multiple of the identity", AtMost(1e-12), coloured),
        BALANCED,
    ),
    quantity=product_path,
    predict=predict,
)
