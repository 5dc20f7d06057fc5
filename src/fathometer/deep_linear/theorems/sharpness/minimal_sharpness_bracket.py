"""The flattest minimizer lies in a bracket known from the data."""

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions._sharpness_bounds import paper_lower_bound, paper_upper_bound
from fathometer.deep_linear.theorems._hypotheses import NONZERO_TARGET, POSITIVE_DEFINITE, ROUNDING
from fathometer.deep_linear.theorems._quantities import sharpness
from fathometer.evidence import Axis, Estimate, Prediction, Problem, Source, Theorem, Trajectory, Within


def smallest_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the flattest state: what a search among minimizers found."""
    found = sharpness(trajectory)
    return Estimate.exact(min(found.value))  # type: ignore[arg-type]


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Between the bounds of the paper, with 1e-12 of them for rounding."""
    network = DeepLinear.expect(problem)
    lower, upper = paper_lower_bound(network).lower, paper_upper_bound(network).upper
    return Within(lower * (1 - ROUNDING), upper * (1 + ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="minimal_sharpness_bracket",
    theory="deep_linear",
    title="Minimal sharpness is of order depth",
    statement=(
        "The smallest sharpness over global minimizers is at least 2 L m^{2-2/L} |p|^{2/L} a and at most "
        "2 m^{2-2/L} |p|^{2/L} sqrt((2L-1) lambda_max^2 + (L-1)^2 a^2)."
    ),
    source=Source(
        MARION_CHIZAT,
        "Theorem 1",
        "the form of the upper bound could not be checked against the published text; it is implied by the balanced "
        "minimizer, derived here together with the factor of the readout p",
    ),
    hypotheses=(POSITIVE_DEFINITE, NONZERO_TARGET),
    quantity=smallest_sharpness,
    predict=predict,
)
