"""Whitened data: the flattest minimizers are balanced factorizations, and their sharpness is known."""

from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.deep_linear.model._references import MULAYOFF_MICHAELI
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import (
    multi_output_bound,
    whitened_minimal_sharpness,
)
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._multi_output import NONZERO_MATRIX, WHITENED, minimizer_sharpness
from fathometer.deep_linear.theorems._quantities import smallest_so_far
from fathometer.evidence import Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory, Within

_TOLERANCE = 1e-9


def smallest_sharpness(trajectory: Trajectory) -> Estimate:
    """What minimizers say about the smallest sharpness: at most that of the flattest, at least a bound for all."""
    least = multi_output_bound(MultiOutput.expect(trajectory.problem)).lower
    return smallest_so_far(minimizer_sharpness(trajectory), float(least))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Within 1e-9 of 2 L c |M_star|_op^{2-2/L}."""
    value = whitened_minimal_sharpness(MultiOutput.expect(problem)).value
    return Within(value * (1 - _TOLERANCE), value * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="whitened_flattest",
    theory="deep_linear",
    title="Whitened data: the flattest minimizers",
    statement=(
        "If sigma = c I, the smallest sharpness of a minimizer is 2 L c |M*|_op^{2-2/L}; balanced factorizations "
        "W_k ~ S^{1/L} attain it, and so does gradient flow from W_k = I towards a symmetric positive definite M*. "
        "Judged to 1e-9; undecided on minimizers of which none is that flat."
    ),
    source=Source(
        MULAYOFF_MICHAELI,
        "flattest minima of linear networks; zero initialization of linear residual networks",
        "derived here, in the units of a loss without 1/2 and per sample",
    ),
    about=MultiOutput,
    hypotheses=(WHITENED, NONZERO_MATRIX),
    quantity=smallest_sharpness,
    predict=predict,
    example=_examples.whitened_minimizers,
    counterexample=_examples.coloured_outputs,
    along=(AxisKind.DRAW,),
    reads=("W1",),
    uses=("multi_output_lower_bound",),
)
