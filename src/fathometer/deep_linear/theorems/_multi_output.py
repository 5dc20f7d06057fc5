"""What the theorems on several outputs measure, and what they ask for."""

import numpy as np

from fathometer.deep_linear.model._multi_output import MultiOutput, matrix_product, multi_output_excess
from fathometer.deep_linear.observables._minimizer_sharpness import where_minimal
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import (
    WHITE,
    multi_output_sharpness,
    whiteness,
)
from fathometer.evidence import AtMost, Estimate, Hypothesis, InputError, Positive, Problem, Trajectory


def minimizer_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of every state W1 to WL that is a global minimizer, NaN for the others.

    All are NaN if one is next to the least risk, but no minimizer is next to it.
    """
    problem = MultiOutput.expect(trajectory.problem)
    weights = tuple(trajectory.states[f"W{k}"] for k in range(1, problem.depth + 1))
    excess = multi_output_excess(problem, matrix_product(weights))
    try:
        values = where_minimal(
            lambda near: multi_output_sharpness(problem, near), weights, excess, problem.regression.explained
        )
    except InputError:
        values = np.full(len(excess), np.nan)
    return Estimate.exact(values, along=trajectory.axis)


def target_norm(problem: Problem) -> Estimate:
    """Frobenius norm of M_star."""
    return Estimate.exact(float((MultiOutput.expect(problem).regression.M_star ** 2).sum()) ** 0.5)


def spread_of_sigma(problem: Problem) -> Estimate:
    """(lambda_max - lambda_min) / lambda_max."""
    return Estimate.exact(whiteness(MultiOutput.expect(problem)))


WHITENED = Hypothesis("sigma is a multiple of the identity", AtMost(WHITE, domain=(0.0, None)), spread_of_sigma)
NONZERO_MATRIX = Hypothesis("M_star is not zero", Positive(), target_norm)
