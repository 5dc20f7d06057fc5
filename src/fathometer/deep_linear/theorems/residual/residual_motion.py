"""Along gradient flow from a residual start, each layer moves by O(1 / L)."""

from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.observables._layer_structure import layer_motion
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, ROUNDING
from fathometer.deep_linear.theorems.residual._shared import CLOSE, PREMISE, residual_source, states_of
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def largest_motion(trajectory: Trajectory) -> Estimate:
    """The largest |W_k(t) - W_k(0)|_F over the layers, times L, along the trajectory."""
    start = ResidualStart.expect(trajectory.problem)
    moved = layer_motion(states_of(trajectory), start.weights)
    return Estimate.exact(start.network.depth * moved.max(axis=-1), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most L times the bound on the motion of a layer, which is at most rho, and 1e-12 of it for rounding."""
    start = ResidualStart.expect(problem)
    return AtMost(start.network.depth * start.layer_motion * (1 + ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="residual_motion",
    theory="deep_linear",
    title="Residual networks: layers move by O(1/L)",
    statement=PREMISE
    + (
        "then along gradient flow |W_k(t) - W_k(0)|_F <= C^2 sqrt(lambda_max (R(0) - R_min)) / (lambda_min L c^4 |p|) "
        "<= rho / L for every layer."
    ),
    source=residual_source("|dW_k/dt| <= 2 C^2 |p| sqrt(lambda_max (R - R_min)), integrated with the rate"),
    about=ResidualStart,
    hypotheses=(DEFINITE, CLOSE),
    quantity=largest_motion,
    predict=predict,
    example=_examples.residual_start,
    counterexample=_examples.far_residual_start,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("residual_rate",),
)
