"""What the statements on scalar RMSProp and Adam at their edge ask for."""

from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem, Within

_AT_EDGE, _SLOW = 0.02, 0.05


def over_limit(problem: Problem) -> Estimate:
    """Step S / sqrt(nu) at the centre over its limit."""
    return Estimate.exact(AdaptiveEdge.expect(problem).top_curvatures[0])


def second(problem: Problem) -> Estimate:
    """Step times the second eigenvalue over sqrt(nu)."""
    start = AdaptiveEdge.expect(problem)
    return Estimate.exact(start.top_curvatures[1] * start.limit)


AT_EDGE = Hypothesis(
    "the effective sharpness is at its limit, to 2 percent", Within(1 - _AT_EDGE, 1 + _AT_EDGE), over_limit
)
OTHERS_SLOW = Hypothesis("all other directions learn slowly, by at most 0.05 per step", AtMost(_SLOW), second)
