"""What the theorems on several outputs measure, and what they ask for."""

import sys

from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.deep_linear.predictions._multi_output_sharpness import WHITE, multi_output_sharpness, whiteness
from fathometer.evidence import AtLeast, AtMost, Estimate, Hypothesis, Problem, Trajectory


def minimizer_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of every state W1 to WL, all of which have to be global minimizers.

    Raises:
        InputError: if one is not.
    """
    problem = MultiOutput.expect(trajectory.problem)
    weights = [trajectory.states[f"W{k}"] for k in range(1, problem.depth + 1)]
    sharpness = multi_output_sharpness(problem, weights)
    return Estimate.exact(sharpness.value, along=trajectory.axis)


def target_norm(problem: Problem) -> Estimate:
    """Frobenius norm of M_star."""
    return Estimate.exact(float((MultiOutput.expect(problem).regression.M_star ** 2).sum()) ** 0.5)


def spread_of_sigma(problem: Problem) -> Estimate:
    """(lambda_max - lambda_min) / lambda_max."""
    return Estimate.exact(whiteness(MultiOutput.expect(problem)))


WHITENED = Hypothesis("sigma is a multiple of the identity", AtMost(WHITE, domain=(0.0, None)), spread_of_sigma)
NONZERO_MATRIX = Hypothesis("M_star is not zero", AtLeast(sys.float_info.min), target_norm)
