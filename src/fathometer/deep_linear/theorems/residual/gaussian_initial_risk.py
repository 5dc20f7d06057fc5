"""The mean risk at a random initialization is known exactly."""

from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model.starts._random_start import RandomStart
from fathometer.deep_linear.predictions._random_products import initial_moments
from fathometer.deep_linear.theorems import _examples
from fathometer.evidence import (
    NEARLY_CERTAIN,
    Axis,
    AxisKind,
    Estimate,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

_TOLERANCE = 0.05


def mean_excess_risk(trajectory: Trajectory) -> Estimate:
    """Mean of the excess risk over the draws, with its Student interval."""
    return Estimate.mean_of(trajectory.observed["excess_risk"].value, NEARLY_CERTAIN)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Within 5 percent of E [R(0) - R_min].

    Raises:
        InputError: if the problem is no random start.
    """
    mean = initial_moments(RandomStart.expect(problem)).excess_risk
    return Within(mean * (1 - _TOLERANCE), mean * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="gaussian_initial_risk",
    theory="deep_linear",
    title="Mean risk at a random start",
    statement=(
        "With layers I + s / sqrt(d L) N and a readout, E [R(0) - R_min] = (p - w*)^T sigma (p - w*) + "
        "((1 + s^2 / L)^L - 1) |p|^2 tr(sigma) / d; with Gaussian layers of standard deviation s and hidden width h, "
        "|sigma^{1/2} w*|^2 + s^{2L} h^{L-1} tr(sigma). Judged to 5 percent of the mean."
    ),
    source=Source(MARION_CHIZAT, "initialization of the experiments", "derived, layer by layer; exact at every size"),
    about=RandomStart,
    hypotheses=(),
    quantity=mean_excess_risk,
    predict=predict,
    example=_examples.random_starts,
    along=(AxisKind.DRAW,),
    reads=("excess_risk",),
)
