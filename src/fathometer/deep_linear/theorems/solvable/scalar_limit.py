"""Scalar networks: conservation alone says where gradient flow ends."""

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import product
from fathometer.deep_linear.model._references import KREISLER_ET_AL
from fathometer.deep_linear.predictions._scalar_network import scalar_limit
from fathometer.deep_linear.theorems._flow import DEFINITE, PLAIN
from fathometer.deep_linear.theorems._limit import SHARPNESS_ROOM, limit_sharpness
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Within,
)


def extra_weights(problem: Problem) -> Estimate:
    """Number of weights less the depth: 0 for a scalar network."""
    weights = GradientFlow.expect(problem).weights
    return Estimate.exact(float(sum(matrix.size for matrix in weights) - len(weights)))


def side(problem: Problem) -> Estimate:
    """1 if the product starts on the side of w_star, -1 if on the other, 0 if one of them is zero."""
    start = GradientFlow.expect(problem)
    signs = np.sign(product(start.weights, start.network.output)) * np.sign(start.network.regression.w_star)
    return Estimate.exact(float(np.min(signs)))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """2 a m^2 sum_i 1 / w_i^2 at the limit, to 1e-7."""
    start = GradientFlow.expect(problem)
    value = float(scalar_limit(start.network, start.weights).sharpness.value)
    return Within(value * (1 - SHARPNESS_ROOM), value * (1 + SHARPNESS_ROOM), domain=(0.0, None))


THEOREM = Theorem(
    id="scalar_limit",
    theory="deep_linear",
    title="Sharpness of the gradient flow solution of scalar networks",
    statement=(
        "A scalar network whose product starts with the sign of w* flows to w_i^2 = x + c_i, c_i = w_i(0)^2 - "
        "min_j w_j(0)^2 and prod_i (x + c_i) = m^2, where the sharpness is 2 a m^2 sum_i 1 / (x + c_i)."
    ),
    source=Source(KREISLER_ET_AL, "gradient flow solutions of scalar networks", "closed form derived by conservation"),
    hypotheses=(
        PLAIN,
        Hypothesis("all layers are scalar", AtMost(0.0), extra_weights),
        DEFINITE,
        Hypothesis("the product starts with the sign of w_star", AtLeast(1.0), side),
    ),
    quantity=limit_sharpness,
    predict=predict,
)
