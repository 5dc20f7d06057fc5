"""Where the criterion has the other sign, descent leaves the minimum for good."""

from fathometer.deep_linear.model._references import PERIOD_DOUBLING
from fathometer.deep_linear.model.starts._line_descent import LineDescent
from fathometer.deep_linear.observables.edge._oscillation import line_reach
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems.edge._line import BEYOND, BY_VERY_LITTLE, DISPLACED, SUBCRITICAL
from fathometer.evidence import AtLeast, Axis, AxisKind, Prediction, Problem, Source, Theorem

_FAR = 10.0


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At least ten times the scale sqrt(mu / (2 |A|))."""
    LineDescent.expect(problem)
    return AtLeast(_FAR, domain=(0.0, None))


THEOREM = Theorem(
    id="period_two_jump",
    theory="deep_linear",
    title="The jump just beyond the largest stable step",
    statement=(
        "On a line, next to a minimum with 3 f'''^2 < f'''' S, no small stable oscillation exists: for every step "
        "above 2 / S, however little, descent leaves a neighbourhood of fixed size. Judged: it goes ten times further "
        "than the scale sqrt(mu / (2 |A|)) on which the other case would settle."
    ),
    source=Source(PERIOD_DOUBLING, "period doubling of deep linear networks", "the criterion is derived here"),
    about=LineDescent,
    hypotheses=(BEYOND, SUBCRITICAL, BY_VERY_LITTLE, DISPLACED),
    quantity=line_reach,
    predict=predict,
    example=_edge_examples.jumping_line,
    counterexample=_edge_examples.oscillating_line_problem,
    along=(AxisKind.STEP,),
    reads=("farthest",),
)
