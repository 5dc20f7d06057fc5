"""Minimizers whose layers all have norms close to m^{1/L} are flat up to a constant."""

import math

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.observables._layer_structure import layer_structure
from fathometer.deep_linear.predictions._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.theorems._flow import DEFINITE, PLAIN, small_start_source
from fathometer.deep_linear.theorems._hypotheses import ROUNDING
from fathometer.deep_linear.theorems._limit import CONVERGES, end_sharpness, limit_of
from fathometer.evidence import Axis, Estimate, Hypothesis, Prediction, Problem, Theorem, Within


def norm_exponents(problem: Problem) -> Estimate:
    """x_k in sigma_k^L = m 2^{x_k} at the limit of the flow, shape (L,); NaN if it does not converge."""
    start = GradientFlow.expect(problem)
    sigma = layer_structure(limit_of(start).weights).sigma
    depth, norm = start.network.depth, start.network.regression.norm
    with np.errstate(divide="ignore"):
        return Estimate.exact(
            (depth * np.log(sigma) - math.log(norm)) / math.log(2) if norm else np.full(depth, np.nan)
        )


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Between S_min and 8 L lambda_max m^{2-2/L}, with 1e-12 of them for rounding."""
    network = GradientFlow.expect(problem).network
    data, lower = network.regression, minimal_sharpness(network).lower
    upper = 8 * network.depth * data.lambda_max * data.norm ** (2 - 2 / network.depth)
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
    hypotheses=(
        PLAIN,
        DEFINITE,
        CONVERGES,
        Hypothesis("sigma_k^L / m is between 1/2 and 2 (as logarithms to base 2)", Within(-1.0, 1.0), norm_exponents),
    ),
    quantity=end_sharpness,
    predict=predict,
)
