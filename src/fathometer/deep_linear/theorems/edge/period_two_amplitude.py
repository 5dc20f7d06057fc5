"""Just beyond the largest stable step descent settles on an oscillation whose amplitude is known."""

from fathometer.deep_linear.model._references import PERIOD_DOUBLING
from fathometer.deep_linear.model.starts._line_descent import LineDescent
from fathometer.deep_linear.observables.edge._oscillation import line_amplitude_squared
from fathometer.deep_linear.predictions.edge._period_two import period_two
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems.edge._line import BEYOND, JUST, SUPERCRITICAL
from fathometer.evidence import Axis, AxisKind, Prediction, Problem, Source, Theorem, Within

_TOLERANCE = 0.02


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The second-order expansion, to 2 percent."""
    line = LineDescent.expect(problem)
    value = period_two(line).amplitude_squared(line.excess) / line.excess
    return Within(value * (1 - _TOLERANCE), value * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="period_two_amplitude",
    theory="deep_linear",
    title="The oscillation just beyond the largest stable step",
    statement=(
        "On a line, next to a minimum with 3 f'''^2 > f'''' S, descent with step (2 + mu) / S settles on two points at "
        "half distance d, d^2 = mu / (2 A) (1 - kappa mu + ...), A = f'''^2 / (2 S^2) - f'''' / (6 S). For the scalar "
        "network (w^L - 1)^2 that is 3 mu / (4 (L - 1) (5 L - 4)). Judged to 2 percent."
    ),
    source=Source(PERIOD_DOUBLING, "period doubling of deep linear networks", "the expansion is derived here"),
    about=LineDescent,
    hypotheses=(BEYOND, SUPERCRITICAL, JUST),
    quantity=line_amplitude_squared,
    predict=predict,
    example=_edge_examples.oscillating_line,
    counterexample=_edge_examples.jumping_line_problem,
    along=(AxisKind.STEP,),
    reads=("x",),
)
