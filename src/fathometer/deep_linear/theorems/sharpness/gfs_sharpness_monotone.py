"""Descent on scalar networks never sharpens the solution that gradient flow would find from here."""

from fathometer.deep_linear.model._network import from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import KREISLER_ET_AL
from fathometer.deep_linear.predictions._scalar_network import scalar_limit
from fathometer.deep_linear.theorems._flow import DEFINITE, PLAIN
from fathometer.deep_linear.theorems._hypotheses import NONZERO_TARGET
from fathometer.evidence import (
    AtMost,
    Axis,
    Direction,
    Estimate,
    Hypothesis,
    InputError,
    Monotone,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ROUNDING = 1e-12


def inputs(problem: Problem) -> Estimate:
    """Number of inputs."""
    return Estimate.exact(float(DeepLinear.expect(problem).regression.dimension))


def relative_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the gradient flow solution from every state, relative to the first; NaN where there is none.

    Raises:
        InputError: if the weights were not stored or are not scalar.
    """
    network = DeepLinear.expect(trajectory.problem)
    try:
        weights = from_states(network, trajectory.states)
    except KeyError as error:
        raise InputError(f"the solutions need the weights, but state {error} was not stored") from error
    values = scalar_limit(network, weights).sharpness.value
    return Estimate.exact(values / values[0], along=trajectory.axis)  # type: ignore[index]


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Never up, but for rounding."""
    return Monotone(Direction.DECREASING, _ROUNDING)


THEOREM = Theorem(
    id="gfs_sharpness_monotone",
    theory="deep_linear",
    title="Descent flattens the gradient flow solution",
    statement=(
        "On scalar networks, the sharpness of the solution that gradient flow would reach from the iterate never "
        "increases under descent, as long as the product keeps the sign of w*. Judged to 1e-12."
    ),
    source=Source(KREISLER_ET_AL, "main theorem", "from the abstract; the condition on the step could not be verified"),
    hypotheses=(
        PLAIN,
        Hypothesis("there is one input", AtMost(1.0), inputs),
        DEFINITE,
        NONZERO_TARGET,
    ),
    quantity=relative_sharpness,
    predict=predict,
)
