"""Descent ends at minimizers that its step allows."""

import math

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_end import CONVERGED, ROOM, DescentEnd
from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._network import excess_risk, stored_weights
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.theorems import _examples
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_EXCITED = 1e-9


def end_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness at the last state; NaN if its excess risk is above 1e-12 of what w_star explains.

    Raises:
        InputError: if the weights were not stored.
    """
    network = DescentEnd.expect(trajectory.problem).network
    end = tuple(matrix[-1] for matrix in stored_weights(network, trajectory.states, "the end"))
    with np.errstate(over="ignore", invalid="ignore"):
        converged = excess_risk(network, end) <= CONVERGED * network.regression.explained
    lost = not converged or math.isfinite(trajectory.event("diverged").value)
    return Estimate.exact(math.nan) if lost else sharpness_at_minimizer(network, end)


def excess_at_start(problem: Problem) -> Estimate:
    """Excess risk of the start over what w_star explains."""
    return Estimate.exact(DescentEnd.expect(problem).excess_at_start)


def excess_from_the_end_on(problem: Problem) -> Estimate:
    """Excess risk at the end over what w_star explains, and what comes of it where a mode is unstable there."""
    return DescentEnd.expect(problem).excess_from_the_end_on


def excitation(problem: Problem) -> Estimate:
    """Share of the way from the start to the end along the eigenvectors that are unstable at the end; 1 without any."""
    return Estimate.exact(DescentEnd.expect(problem).excitation)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 / step, and 1e-6 of it."""
    return AtMost(2 / DescentEnd.expect(problem).step * (1 + ROOM), domain=(0.0, None))


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
    about=DescentEnd,
    hypotheses=(
        Hypothesis("the start is no minimizer already", AtLeast(CONVERGED), excess_at_start),
        Hypothesis(
            "the run has converged, to an excess risk of at most 1e-12 of what w_star explains",
            AtMost(CONVERGED, domain=(0.0, None)),
            excess_from_the_end_on,
        ),
        Hypothesis("the start excites the modes that are unstable at the end (share)", AtLeast(_EXCITED), excitation),
    ),
    quantity=end_sharpness,
    predict=predict,
    example=_examples.converged_descent,
    counterexample=_examples.diverging_descent,
    along=(AxisKind.STEP,),
    reads=("W1",),
    cost="up to 20 000 more steps of descent, where the end is unstable",
    uses=("descent_stability",),
)
