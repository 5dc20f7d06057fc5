"""Every layer stays close to rank one if it starts small."""

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.observables._layer_observables import RANK_DEFECT
from fathometer.deep_linear.observables._layer_structure import structure_bounds
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import TOLERANCE, natural_square, small_start_source
from fathometer.deep_linear.theorems._hypotheses import PLAIN
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def rank_defects(trajectory: Trajectory) -> Estimate:
    """|W_k|_F^2 - sigma_k^2 along the flow, shape (T, L)."""
    return trajectory.observe(RANK_DEFECT)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most epsilon_k for layer k, from the start alone."""
    start = GradientFlow.expect(problem)
    slack = TOLERANCE * natural_square(start)
    return AtMost(structure_bounds(start.weights).epsilon + slack, domain=(0.0, None))


THEOREM = Theorem(
    id="layer_rank_one",
    theory="deep_linear",
    title="Layers stay almost of rank one",
    statement=(
        "For all times of gradient flow, |W_k|_F^2 - sigma_k^2 <= epsilon_k = |W_k(0)|_F^2 - |W_L(0)|^2 + sum_{j >= k} "
        "delta_j, with delta_j = |W_{j+1}^T W_{j+1} - W_j W_j^T|_op at time 0. Judged to 1e-7 of the layers' size."
    ),
    source=small_start_source("inequality (i) on the layers"),
    about=GradientFlow,
    hypotheses=(PLAIN,),
    quantity=rank_defects,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("imbalance_conserved", "layer_norm_balance"),
)
