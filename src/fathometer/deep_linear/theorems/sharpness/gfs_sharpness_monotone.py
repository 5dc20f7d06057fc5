"""Descent on scalar networks never sharpens the solution that gradient flow would find from here."""

import numpy as np

from fathometer.deep_linear.model._network import from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import KREISLER_ET_AL
from fathometer.deep_linear.predictions._scalar_network import scalar_limit
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, NONZERO_TARGET, PLAIN
from fathometer.deep_linear.theorems._special import ONE_INPUT
from fathometer.deep_linear.theorems.descent._steps import is_descent
from fathometer.evidence import (
    Axis,
    AxisKind,
    Direction,
    Estimate,
    InputError,
    Monotone,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ROUNDING = 1e-12


def relative_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the gradient flow solution from every state, relative to the first; NaN where there is none.

    All are NaN if the layers are not scalar, or the states not those of consecutive steps of plain descent.

    Raises:
        InputError: if the weights were not stored.
    """
    network = DeepLinear.expect(trajectory.problem)
    try:
        weights = from_states(network, trajectory.states)
    except KeyError as error:
        raise InputError(f"the solutions need the weights, but state {error} was not stored") from error
    if any(matrix.shape[1:] != (1, 1) for matrix in weights) or not is_descent(trajectory, weights):
        return Estimate.exact(np.full(len(trajectory.axis), np.nan), along=trajectory.axis)
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
    about=DeepLinear,
    hypotheses=(
        PLAIN,
        ONE_INPUT,
        DEFINITE,
        NONZERO_TARGET,
    ),
    quantity=relative_sharpness,
    predict=predict,
    example=_examples.scalar_descent,
    counterexample=_examples.network,
    along=(AxisKind.STEP,),
    reads=("W1",),
    uses=("scalar_limit",),
)
