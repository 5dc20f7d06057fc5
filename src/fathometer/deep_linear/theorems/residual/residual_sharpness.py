"""The minimizer that gradient flow reaches from a residual start has a sharpness of order depth."""

from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.predictions._residual_limit import residual_sharpness_bound
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, ROUNDING
from fathometer.deep_linear.theorems._limit import sharpness_at_end
from fathometer.deep_linear.theorems.residual._shared import CLOSE, PREMISE, residual_source
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def final_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the minimizer that the last state is on its way to; NaN if it is not next to one."""
    return sharpness_at_end(ResidualStart.expect(trajectory.problem).network, trajectory)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 L lambda_max C^4 |p|^2, and 1e-12 of it for rounding."""
    start = ResidualStart.expect(problem)
    return AtMost(residual_sharpness_bound(start) * (1 + ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="residual_sharpness",
    theory="deep_linear",
    title="Residual networks: sharpness of the limit",
    statement=PREMISE
    + ("the minimizer that gradient flow converges to has a sharpness of at most 2 L lambda_max C^4 |p|^2."),
    source=residual_source("|b_k| <= C |p| and |A_k| <= C in the tube"),
    about=ResidualStart,
    hypotheses=(DEFINITE, CLOSE),
    quantity=final_sharpness,
    predict=predict,
    example=_examples.residual_start,
    counterexample=_examples.far_residual_start,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("residual_motion",),
)
