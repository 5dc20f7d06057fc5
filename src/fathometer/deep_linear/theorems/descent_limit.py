"""Descent ends at minimizers that its step allows."""

import math

import numpy as np

from fathometer.deep_linear._curvature import sharpness_at_minimizer
from fathometer.deep_linear._descent_path import expect_descent_path
from fathometer.deep_linear._network import excess_risk, from_states
from fathometer.deep_linear._references import MARION_CHIZAT
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_CONVERGED, _TOLERANCE = 1e-12, 1e-6


def end_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness at the last state; NaN if its excess risk is above 1e-12 of what w_star explains.

    Raises:
        InputError: if the weights were not stored.
    """
    network = expect_descent_path(trajectory.problem).network
    try:
        end = tuple(matrix[-1] for matrix in from_states(network, trajectory.states))
    except KeyError as error:
        raise InputError(f"the end needs the weights, but state {error} was not stored") from error
    converged = excess_risk(network, end) <= _CONVERGED * network.regression.explained
    lost = not converged or math.isfinite(trajectory.event("diverged").value)
    return Estimate.exact(math.nan) if lost else sharpness_at_minimizer(network, end)


def excess_at_start(problem: Problem) -> Estimate:
    """Excess risk of the start over what w_star explains."""
    path = expect_descent_path(problem)
    explained = path.network.regression.explained
    return Estimate.exact(np.divide(excess_risk(path.network, path.weights), explained) if explained else 0.0)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 / step, and 1e-6 of it."""
    return AtMost(2 / expect_descent_path(problem).step * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="descent_limit",
    theory="deep_linear",
    title="Descent ends where its step allows",
    statement=(
        "From all starts outside a null set, descent that converges to a global minimizer converges to one of "
        "sharpness at most 2 / step. With step > 2 / S_min there is none, so it does not converge to a global "
        "minimizer. Judged to 1e-6 on runs that end within 1e-12 of the least risk."
    ),
    source=Source(
        MARION_CHIZAT,
        "linear stability, used for Theorem 1",
        "derived: center-stable manifolds, and preimages of null sets under the polynomial step are null",
    ),
    hypotheses=(Hypothesis("the start is no minimizer already", AtLeast(_CONVERGED), excess_at_start),),
    quantity=end_sharpness,
    predict=predict,
)
