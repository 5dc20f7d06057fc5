"""With Pre-LN, equiangular tokens approach each other only like 1/t^2."""

import numpy as np

from fathometer.attention.model._references import NORMALIZATION
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.attention.predictions._equiangular import EQUIANGULAR, extreme_cosines
from fathometer.evidence import (
    YES,
    Axis,
    AxisKind,
    Estimate,
    GrowthExponent,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

LATE = 100.0


def _late_deficit(trajectory: Trajectory) -> Estimate:
    """1 - cosine at the times from `LATE` on; NaN at one of them if there are none."""
    late = trajectory.axis.points >= LATE
    if not np.any(late):
        return Estimate.exact([np.nan], along=Axis(AxisKind.TIME, np.array([LATE])))
    points = trajectory.states["points"][late]
    return Estimate.exact(
        1 - extreme_cosines(points)[:, 0], along=Axis(AxisKind.TIME, trajectory.axis.points[late], "time")
    )


def _square_law(problem: Problem, axis: Axis | None) -> GrowthExponent:
    return GrowthExponent(-2.1, -1.9)


def _is_plain_pre(problem: Problem) -> Estimate:
    variant = Variant.expect(problem)
    identity = np.eye(len(variant.value))
    plain = all(np.array_equal(matrix, identity) for matrix in (variant.query, variant.key, variant.value))
    return Estimate.exact(float(plain and not variant.causal and variant.normalization is Normalization.PRE))


def _of_tokens(index: int, problem: Problem) -> Estimate | bool | None:
    quantity = EQUIANGULAR[index].quantity
    return quantity(Variant.expect(problem).system) if quantity else Estimate.exact(np.nan)


def _apart(problem: Problem) -> Estimate:
    return _of_tokens(0, problem)


def _cosine_spread(problem: Problem) -> Estimate:
    return _of_tokens(1, problem)


def _mass_spread(problem: Problem) -> Estimate:
    return _of_tokens(2, problem)


THEOREM = Theorem(
    id="pre_ln_rate",
    theory="attention",
    title="Pre-LN collapses polynomially",
    statement="For equiangular tokens with Pre-LN, 1 - <x_i, x_j> ~ C/t^2, against exp(-2 t) with Post-LN: the vectors"
    " grow and turn ever more slowly. Here the exponent over the times from 100 on is -2 to within 0.1.",
    source=Source(
        NORMALIZATION,
        "rates of the normalization schemes",
        "Near one cluster the radius grows at rate 1, so that 1 - rho = (1 - rho_0)(r_0/(r_0 + t))^2 (derived).",
    ),
    hypotheses=(
        Hypothesis("Pre-LN without weights or mask", YES, _is_plain_pre),
        *(
            Hypothesis(EQUIANGULAR[i].name, EQUIANGULAR[i].requires, quantity)
            for i, quantity in enumerate((_apart, _cosine_spread, _mass_spread))
        ),
    ),
    quantity=_late_deficit,
    predict=_square_law,
)
