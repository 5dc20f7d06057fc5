"""Statements about noise as they are printed where that is wrong. Tests show that they fail."""

from dataclasses import replace

from fathometer.attention.dynamics.variants._mean_field import MeanFieldCircle
from fathometer.attention.predictions._uniform_pattern import growth_rates
from fathometer.attention.theorems.variants import noisy_growth
from fathometer.evidence import Axis, Problem, Within


def _wrong_side(problem: Problem, axis: Axis | None) -> Within:
    law = MeanFieldCircle.expect(problem)
    return noisy_growth.linear_law(problem, axis, growth_rates(1, 2, law.beta, law.model)[0] + 1 / law.kappa)


NOISY_GROWTH = replace(
    noisy_growth.THEOREM,
    id="noisy_growth_as_printed",
    statement="With the Laplacian on the printed side the order parameter grows at the rate lambda_1 + 1/kappa.",
    predict=_wrong_side,
)
