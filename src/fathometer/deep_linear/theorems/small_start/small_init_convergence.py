"""Gradient flow that starts below the risk of w = 0 converges to a global minimizer."""

import sys

from fathometer.deep_linear.dynamics.flow._flow_record import Ending
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import small_start_source
from fathometer.deep_linear.theorems._hypotheses import BELOW_ZERO, DEFINITE, PLAIN
from fathometer.evidence import Axis, AxisKind, Estimate, NotAfter, Prediction, Problem, Theorem, Trajectory

_FINITE = sys.float_info.max / 2


def time_of_convergence(trajectory: Trajectory) -> Estimate:
    """When the flow converged: inf and open if it has not yet, inf for certain if it rests elsewhere."""
    return trajectory.event(Ending.CONVERGED)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """In finite time, as for any excess risk that is not zero."""
    return NotAfter(_FINITE)


THEOREM = Theorem(
    id="small_init_convergence",
    theory="deep_linear",
    title="Convergence from below the risk of zero",
    statement=(
        "If sigma is positive definite and R(W(0)) < R1(0), or equal with a gradient that is not zero, gradient flow "
        "is bounded and converges to a global minimizer. The condition is sufficient only."
    ),
    source=small_start_source("w cannot return to 0, layers stay almost of rank one, hence bounded; Lojasiewicz"),
    about=GradientFlow,
    hypotheses=(PLAIN, DEFINITE, BELOW_ZERO),
    quantity=time_of_convergence,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    uses=("layer_rank_one",),
)
