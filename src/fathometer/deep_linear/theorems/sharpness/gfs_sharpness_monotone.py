"""Descent on scalar networks never sharpens the solution that gradient flow would find from here."""

import math

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.model._references import KREISLER_ET_AL
from fathometer.deep_linear.predictions._scalar_network import scalar_limit
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, NONZERO_TARGET, PLAIN, is_plain
from fathometer.deep_linear.theorems._special_hypotheses import SCALAR, is_scalar
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Direction,
    Estimate,
    Hypothesis,
    Monotone,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ROUNDING = 1e-12
_LIMIT = 2 * math.sqrt(2)


def relative_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the gradient flow solution from every state, relative to the first; NaN where there is none.

    Raises:
        InputError: if the weights were not stored or are not scalar.
    """
    network = DescentPath.expect(trajectory.problem).network
    weights = stored_weights(network, trajectory.states, "the solution")
    values = scalar_limit(network, weights).sharpness.value
    return Estimate.exact(values / values[0], along=trajectory.axis)  # type: ignore[index]


def step_times_sharpness(problem: Problem) -> Estimate:
    """Step times the sharpness of the solution from the start; NaN if it has none."""
    path = DescentPath.expect(problem)
    if not (is_plain(path) and is_scalar(path) and path.network.regression.norm > 0):
        return Estimate.exact(math.nan)
    return Estimate.exact(path.step * np.asarray(scalar_limit(path.network, path.weights).sharpness.value))


def keeps_signs(problem: Problem) -> bool:
    """Whether no weight changes its sign on the path, nor is zero."""
    return all(bool(np.all(np.sign(layer) == np.sign(layer[0])) and np.all(layer)) for layer in _layers(problem))


def _layers(problem: Problem) -> tuple[np.ndarray, ...]:
    return DescentPath.expect(problem).layers


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Never up, but for rounding."""
    return Monotone(Direction.DECREASING, _ROUNDING)


THEOREM = Theorem(
    id="gfs_sharpness_monotone",
    theory="deep_linear",
    title="Descent flattens the gradient flow solution",
    statement=(
        "On scalar networks, the sharpness S of the solution that gradient flow would reach from the iterate never "
        "increases under descent, if step S <= 2 sqrt(2) at the start and as long as no weight changes its sign. "
        "Judged to 1e-12."
    ),
    source=Source(
        KREISLER_ET_AL,
        "main theorem",
        "from the abstract; both conditions are needed: of random networks of depth 2 to 8 none fails under them, and "
        "some do from step S = 2.84 on, or as soon as a weight crosses zero",
    ),
    about=DescentPath,
    hypotheses=(
        PLAIN,
        SCALAR,
        DEFINITE,
        NONZERO_TARGET,
        Hypothesis("step S is at most 2 sqrt(2) at the start", AtMost(_LIMIT), step_times_sharpness),
        Hypothesis.that("no weight changes its sign", keeps_signs),
    ),
    quantity=relative_sharpness,
    predict=predict,
    example=_examples.scalar_descent,
    counterexample=_examples.wide_path,
    along=(AxisKind.STEP,),
    reads=("W1",),
    uses=("scalar_limit",),
)
