"""Along gradient flow from a residual start, the risk satisfies a Polyak-Lojasiewicz inequality."""

from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.observables._gradient import gradient_over_excess
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, ROUNDING
from fathometer.deep_linear.theorems.residual._shared import CLOSE, PREMISE, residual_source, states_of
from fathometer.evidence import AtLeast, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def pl_ratio(trajectory: Trajectory) -> Estimate:
    """|grad R|^2 / (R - R_min) along the trajectory; inf where the excess risk is zero."""
    network = ResidualStart.expect(trajectory.problem).network
    return Estimate.exact(gradient_over_excess(network, states_of(trajectory)), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At least mu, less 1e-12 of it for rounding."""
    return AtLeast(ResidualStart.expect(problem).pl_constant * (1 - ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="residual_pl",
    theory="deep_linear",
    title="Residual networks: Polyak-Lojasiewicz inequality",
    statement=PREMISE
    + (
        "|grad R|^2 >= mu (R - R_min) with mu = 4 lambda_min L c^4 |p|^2 along gradient flow, where all prefixes and "
        "suffixes of the product have singular values in [c, C] as long as no layer moves by more than rho / L."
    ),
    source=residual_source("every |b_k| >= c |p| and |h_k| >= c |g| there"),
    about=ResidualStart,
    hypotheses=(DEFINITE, CLOSE),
    quantity=pl_ratio,
    predict=predict,
    example=_examples.residual_start,
    counterexample=_examples.far_residual_start,
    along=(AxisKind.TIME,),
    reads=("W1",),
)
