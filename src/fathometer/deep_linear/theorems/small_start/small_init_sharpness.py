"""Minimizers whose layers all have norms close to m^{1/L} are flat up to a constant."""

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.observables._layer_structure import norm_exponents as layer_exponents
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import near_balanced_upper_bound
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import small_start_source
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, PLAIN, ROUNDING
from fathometer.deep_linear.theorems._limit import CONVERGES, COST, end_sharpness, limit_of
from fathometer.evidence import Axis, AxisKind, Estimate, Hypothesis, Prediction, Problem, Theorem, Within


def norm_exponents(problem: Problem) -> Estimate:
    """x_k in sigma_k^L = m 2^{x_k} at the limit of the flow, shape (L,); NaN if m is 0."""
    start = GradientFlow.expect(problem)
    return Estimate.exact(layer_exponents(limit_of(start).weights, start.network.regression.norm))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Between S_min and 8 L lambda_max m^{2-2/L}, with 1e-12 of them for rounding."""
    network = GradientFlow.expect(problem).network
    lower, upper = minimal_sharpness(network).lower, near_balanced_upper_bound(network)
    return Within(lower * (1 - ROUNDING), upper * (1 + ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="small_init_sharpness",
    theory="deep_linear",
    title="Small initial weights end at flat minimizers",
    statement=(
        "If gradient flow converges to a minimizer with (m/2)^{1/L} <= sigma_k <= (2m)^{1/L} for all layers, as it "
        "does from small weights, its sharpness S obeys S_min <= S <= 8 L lambda_max m^{2-2/L}, hence S / S_min <= "
        "4 lambda_max / a <= 4 lambda_max / lambda_min."
    ),
    source=small_start_source(
        "the interval is checked at the limit, since the paper's condition on the start could not be verified"
    ),
    about=GradientFlow,
    hypotheses=(
        PLAIN,
        DEFINITE,
        CONVERGES,
        Hypothesis("sigma_k^L / m is between 1/2 and 2 (as logarithms to base 2)", Within(-1.0, 1.0), norm_exponents),
    ),
    quantity=end_sharpness,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    reads=("W1",),
    cost=COST,
    uses=("minimal_sharpness_exact",),
)
