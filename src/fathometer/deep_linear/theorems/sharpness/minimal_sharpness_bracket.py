"""The flattest minimizer lies in a bracket known from the data."""

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import paper_lower_bound, paper_upper_bound
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, NONZERO_TARGET, ROUNDING
from fathometer.deep_linear.theorems._quantities import sharpness, smallest_so_far
from fathometer.evidence import Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory, Within


def smallest_sharpness(trajectory: Trajectory) -> Estimate:
    """What some minimizers say about the smallest sharpness: at most that of the flattest, at least S_min."""
    least = minimal_sharpness(DeepLinear.expect(trajectory.problem)).lower
    return smallest_so_far(sharpness(trajectory), float(least))


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
    about=DeepLinear,
    hypotheses=(DEFINITE, NONZERO_TARGET),
    quantity=smallest_sharpness,
    predict=predict,
    example=_examples.minimizers,
    counterexample=_examples.singular_data,
    along=(AxisKind.DRAW,),
    reads=("W1",),
    uses=("minimal_sharpness_exact", "sharpness_lower_bound"),
)
