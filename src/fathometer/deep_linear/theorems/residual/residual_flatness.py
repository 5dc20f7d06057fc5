"""The minimizer that gradient flow reaches from a residual start is among the flattest, whatever the depth."""

from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.predictions._residual_limit import residual_flatness_bound
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, ROUNDING
from fathometer.deep_linear.theorems.residual._shared import CLOSE, PREMISE, residual_source
from fathometer.deep_linear.theorems.residual.residual_sharpness import final_sharpness
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def sharpness_ratio(trajectory: Trajectory) -> Estimate:
    """Sharpness at the end over the smallest of any minimizer; NaN if it does not end next to one."""
    least = minimal_sharpness(ResidualStart.expect(trajectory.problem).network)
    sharpness = final_sharpness(trajectory).value
    return Estimate.enclosed(sharpness / least.value, sharpness / least.upper, sharpness / least.lower)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most C^4 / c^{2-2/L} lambda_max / a, and 1e-12 of it for rounding."""
    return AtMost(residual_flatness_bound(ResidualStart.expect(problem)) * (1 + ROUNDING), domain=(1.0, None))


THEOREM = Theorem(
    id="residual_flatness",
    theory="deep_linear",
    title="Residual networks: the limit is nearly flattest",
    statement=PREMISE
    + (
        "the minimizer that gradient flow converges to has a sharpness of at most C^4 / c^{2-2/L} lambda_max / a times "
        "the smallest of any minimizer, whatever the depth and the dimension."
    ),
    source=residual_source("S_min >= 2 L |p|^{2/L} m^{2-2/L} a with m >= c |p|"),
    about=ResidualStart,
    hypotheses=(DEFINITE, CLOSE),
    quantity=sharpness_ratio,
    predict=predict,
    example=_examples.residual_start,
    counterexample=_examples.far_residual_start,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("residual_sharpness", "sharpness_lower_bound"),
)
