"""What one step of descent does to the imbalances of a scalar network: the drift to flatter minimizers."""

import numpy as np

from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.model._references import PERIOD_DOUBLING
from fathometer.deep_linear.model.starts._plain_descent import PlainDescent
from fathometer.deep_linear.observables._descent_steps import scalar_factor_defect
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems._special_hypotheses import SCALAR
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory

_ROUNDING = 1e-12


def defect(trajectory: Trajectory) -> Estimate:
    """`scalar_factor_defect` of every step; NaN between states that are further apart.

    Raises:
        InputError: if the weights were not stored.
    """
    problem = PlainDescent.expect(trajectory.problem)
    weights = stored_weights(problem.network, trajectory.states, "the factor")
    consecutive = np.diff(trajectory.axis.points) == 1
    return Estimate.exact(np.where(consecutive, scalar_factor_defect(problem.network, problem.step, weights), np.nan))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """No defect, but for rounding."""
    return AtMost(_ROUNDING, domain=(0.0, None))


THEOREM = Theorem(
    id="scalar_imbalance_factor",
    theory="deep_linear",
    title="Self-stabilisation of a scalar network, step by step",
    statement=(
        "One step of descent on lambda (w_1 ... w_L - m)^2 multiplies w_i^2 - w_j^2 by exactly "
        "1 - step^2 g_i g_j / (w_i w_j), g the gradient, where g_i g_j / (w_i w_j) >= 0. So an oscillation shrinks "
        "imbalances, which gradient flow conserves, and with them the sharpness of the minimizer that it is next to, "
        "as long as step^2 g_i g_j < 2 w_i w_j. Judged to 1e-12 of the largest w_i^2."
    ),
    source=Source(
        PERIOD_DOUBLING, "the balancing gap decays beyond the edge", "seen in abstract; the identity is derived here"
    ),
    about=PlainDescent,
    hypotheses=(SCALAR,),
    quantity=defect,
    predict=predict,
    example=_edge_examples.scalar_oscillation,
    counterexample=_edge_examples.wide_descent,
    along=(AxisKind.STEP,),
    reads=("W1",),
)
