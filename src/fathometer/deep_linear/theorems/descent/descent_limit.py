"""Descent ends at minimizers that its step allows."""

import math

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._network import Weights, excess_risk, from_states, total_norm
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions._rates import descent_factors, unstable_directions
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
_EXCITED = 1e-9
_GROWN, _MOST_STEPS = math.log(1e12), 20_000


def end_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness at the last state; NaN if its excess risk is above 1e-12 of what w_star explains.

    Raises:
        InputError: if the weights were not stored.
    """
    network = DescentPath.expect(trajectory.problem).network
    try:
        end = tuple(matrix[-1] for matrix in from_states(network, trajectory.states))
    except KeyError as error:
        raise InputError(f"the end needs the weights, but state {error} was not stored") from error
    converged = excess_risk(network, end) <= _CONVERGED * network.regression.explained
    lost = not converged or math.isfinite(trajectory.event("diverged").value)
    return Estimate.exact(math.nan) if lost else sharpness_at_minimizer(network, end)


def excess_at_start(problem: Problem) -> Estimate:
    """Excess risk of the start over what w_star explains."""
    path = DescentPath.expect(problem)
    return Estimate.exact(_relative_excess(path, path.weights))


def excess_from_the_end_on(problem: Problem) -> Estimate:
    """Excess risk at the end over what w_star explains; inf if the run diverged.

    Where that is small but a mode is unstable, it is the larger one of that and of the risk after as many more steps as
    a displacement by rounding needs to show; unbounded from above if that is too many.
    """
    path = DescentPath.expect(problem)
    excess, growth = _excess_at_end(path), _growth(path)
    if growth <= 1 + _TOLERANCE:
        return Estimate.exact(excess)
    needed = math.ceil(_GROWN / math.log(growth))
    later = DescentPath(path.network, path.end, path.step, min(needed, _MOST_STEPS))
    largest = max(excess, _excess_at_end(later))
    return Estimate.enclosed(largest, largest, largest if needed <= _MOST_STEPS else math.inf)


def excitation(problem: Problem) -> Estimate:
    """Share of the way from the start to the end along the eigenvectors that are unstable at the end; 1 without any."""
    path = DescentPath.expect(problem)
    if _growth(path) <= 1 + _TOLERANCE:
        return Estimate.exact(1.0)
    way = [before - after for before, after in zip(path.weights, path.end, strict=True)]
    shares = [
        abs(sum(float(np.sum(part * unit)) for part, unit in zip(way, direction, strict=True)))
        for direction in unstable_directions(path.network, path.end, path.step)
    ]
    length = total_norm(tuple(way))
    return Estimate.exact(max(shares) / length if length else 0.0)


def _growth(path: DescentPath) -> float:
    """Largest factor per step of a displacement from the end; 0 if the run has not converged."""
    there = _excess_at_end(path) <= _CONVERGED
    return float(np.max(descent_factors(path.network, path.end, path.step), initial=0.0)) if there else 0.0


def _excess_at_end(path: DescentPath) -> float:
    diverged = math.isfinite(path.whole.event("diverged").value)
    return math.inf if diverged else _relative_excess(path, path.end)


def _relative_excess(path: DescentPath, weights: Weights) -> float:
    explained = path.network.regression.explained
    return float(excess_risk(path.network, weights)) / explained if explained else 0.0


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 / step, and 1e-6 of it."""
    return AtMost(2 / DescentPath.expect(problem).step * (1 + _TOLERANCE), domain=(0.0, None))


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
    hypotheses=(
        Hypothesis("the start is no minimizer already", AtLeast(_CONVERGED), excess_at_start),
        Hypothesis(
            "the run has converged, to an excess risk of at most 1e-12 of what w_star explains",
            AtMost(_CONVERGED, domain=(0.0, None)),
            excess_from_the_end_on,
        ),
        Hypothesis("the start excites the modes that are unstable at the end (share)", AtLeast(_EXCITED), excitation),
    ),
    quantity=end_sharpness,
    predict=predict,
)
