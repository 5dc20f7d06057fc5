"""What the statements on the edge of stability ask for."""

from fathometer.deep_linear.model.starts._edge_of_stability import EdgeOfStability
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem, Within

_AT_EDGE = 0.02
_SLOW = 0.025


def sharpness_over_limit(problem: Problem) -> Estimate:
    """Sharpness at the centre times step / 2."""
    return Estimate.exact(EdgeOfStability.expect(problem).top_curvatures[0])


def second_over_limit(problem: Problem) -> Estimate:
    """Second Hessian eigenvalue at the centre times step / 2."""
    return Estimate.exact(EdgeOfStability.expect(problem).top_curvatures[1])


AT_EDGE = Hypothesis(
    "the sharpness is 2 / step, to 2 percent", Within(1 - _AT_EDGE, 1 + _AT_EDGE), sharpness_over_limit
)
ONE_DIRECTION = Hypothesis("all other directions learn slowly, step mu / 2 <= 0.025", AtMost(_SLOW), second_over_limit)
