"""Scalar networks: conservation alone says where gradient flow ends."""

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import product
from fathometer.deep_linear.model._references import KREISLER_ET_AL
from fathometer.deep_linear.predictions._scalar_network import scalar_limit
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, PLAIN
from fathometer.deep_linear.theorems._limit import SHARPNESS_ROOM, limit_sharpness
from fathometer.deep_linear.theorems._special_hypotheses import SCALAR
from fathometer.evidence import (
    Axis,
    AxisKind,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Within,
)


def is_on_the_right_side(problem: Problem) -> bool:
    """Whether the product starts with the sign of w_star."""
    start = GradientFlow.expect(problem)
    signs = np.sign(product(start.weights, start.network.output)) * np.sign(start.network.regression.w_star)
    return bool(np.all(signs == 1))


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
    about=GradientFlow,
    hypotheses=(
        PLAIN,
        SCALAR,
        DEFINITE,
        Hypothesis.that("the product starts with the sign of w_star", is_on_the_right_side),
    ),
    quantity=limit_sharpness,
    predict=predict,
    example=_examples.scalar_flow,
    counterexample=_examples.unbalanced_flow,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("imbalance_conserved",),
)
