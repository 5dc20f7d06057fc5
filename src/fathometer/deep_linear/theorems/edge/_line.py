"""What the statements on descent along a line ask for."""

from fathometer.deep_linear.model.starts._line_descent import LineDescent
from fathometer.deep_linear.predictions.edge._period_two import period_two
from fathometer.evidence import AtMost, Estimate, Hypothesis, Positive, Problem

NEAR = 0.05


def excess(problem: Problem) -> Estimate:
    """Excess mu = step S - 2."""
    return Estimate.exact(LineDescent.expect(problem).excess)


def criterion(problem: Problem) -> Estimate:
    """3 f'''^2 - f'''' S, over 6 S^2."""
    return Estimate.exact(period_two(LineDescent.expect(problem)).criterion)


def against(problem: Problem) -> Estimate:
    """The same with the other sign."""
    return Estimate.exact(-period_two(LineDescent.expect(problem)).criterion)


def second_order(problem: Problem) -> Estimate:
    """(1 + |kappa|) mu, which a first-order expansion neglects."""
    line = LineDescent.expect(problem)
    return Estimate.exact((1 + abs(period_two(line).correction)) * abs(line.excess))


def displaced(problem: Problem) -> bool:
    """Whether descent starts away from the minimum."""
    return LineDescent.expect(problem).start != 0


BEYOND = Hypothesis("the step is beyond the largest stable one, mu > 0", Positive(), excess)
SUPERCRITICAL = Hypothesis("3 f'''^2 > f'''' f''", Positive(), criterion)
SUBCRITICAL = Hypothesis("3 f'''^2 < f'''' f''", Positive(), against)
JUST = Hypothesis("by little: (1 + |kappa|) mu <= 0.05", AtMost(NEAR), second_order)
BY_VERY_LITTLE = Hypothesis("by very little: (1 + |kappa|) mu <= 0.001", AtMost(1e-3), second_order)
DISPLACED = Hypothesis.that("descent does not start at the minimum", displaced)
