"""Between the two points of an oscillation, the mean Hessian has the eigenvalue 2 / step, exactly."""

from fathometer.deep_linear.model._references import PERIOD_DOUBLING
from fathometer.deep_linear.model.starts._beyond_step import Oscillation
from fathometer.deep_linear.observables.edge._oscillation import mean_curvature
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

_CLOSED, _TOLERANCE = 1e-6, 4e-6


def curvature(trajectory: Trajectory) -> Estimate:
    """Curvature of the mean Hessian on the segment, along it."""
    return mean_curvature(Oscillation.expect(trajectory.problem))


def defect(problem: Problem) -> Estimate:
    """By how much a step from either point misses the other, over their distance."""
    return Estimate.exact(Oscillation.expect(problem).defect)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """2 / step, to the size of the defect allowed."""
    value = 2 / Oscillation.expect(problem).step
    return Within(value * (1 - _TOLERANCE), value * (1 + _TOLERANCE))


THEOREM = Theorem(
    id="period_two_curvature",
    theory="deep_linear",
    title="The sharpness between the points of an oscillation",
    statement=(
        "If descent goes to and fro between two points, then grad R(a) - grad R(b) = (2 / step) (a - b): the mean "
        "Hessian on the segment between them has the eigenvector a - b with eigenvalue 2 / step, exactly, for every "
        "loss and network. So the sharpness is at least 2 / step somewhere on it. Judged to 4e-6, relative."
    ),
    source=Source(PERIOD_DOUBLING, "orbits of period 2", "derived here, from a - b = step grad R(a) = -step grad R(b)"),
    about=Oscillation,
    hypotheses=(
        Hypothesis("a step from either point leads to the other, to 1e-6", AtMost(_CLOSED, (0.0, None)), defect),
    ),
    quantity=curvature,
    predict=predict,
    example=_edge_examples.oscillation,
    counterexample=_edge_examples.no_oscillation,
    along=(AxisKind.STEP,),
)
