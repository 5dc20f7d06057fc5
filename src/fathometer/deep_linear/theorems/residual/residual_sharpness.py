"""The minimizer that gradient flow reaches from a residual start has a sharpness of order depth."""

from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.theorems._hypotheses import ROUNDING
from fathometer.deep_linear.theorems.residual._shared import CLOSE, DEFINITE, PREMISE, residual_source, states_of
from fathometer.evidence import AtMost, Axis, Estimate, Prediction, Problem, Theorem, Trajectory


def final_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness at the end of the trajectory.

    Raises:
        InputError: if it does not end at a global minimizer.
    """
    last = [matrix[-1] for matrix in states_of(trajectory)]
    return sharpness_at_minimizer(ResidualStart.expect(trajectory.problem).network, last)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 L lambda_max C^4 |p|^2, and 1e-12 of it for rounding."""
    start = ResidualStart.expect(problem)
    bound = 2 * start.network.depth * start.network.regression.lambda_max * start.spread * start.readout_norm**2
    return AtMost(bound * (1 + ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="residual_sharpness",
    theory="deep_linear",
    title="Residual networks: sharpness of the limit",
    statement=PREMISE
    + ("the minimizer that gradient flow converges to has a sharpness of at most 2 L lambda_max C^4 |p|^2."),
    source=residual_source("|b_k| <= C |p| and |A_k| <= C in the tube"),
    hypotheses=(DEFINITE, CLOSE),
    quantity=final_sharpness,
    predict=predict,
)
