"""Under descent, the imbalance of neighbouring layers drifts by O(step) in all."""

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.model._network import from_states
from fathometer.deep_linear.model._references import ARORA_COHEN_HAZAN
from fathometer.deep_linear.observables._imbalance import imbalances
from fathometer.deep_linear.theorems._hypotheses import ROUNDING
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


def total_drift(trajectory: Trajectory) -> Estimate:
    """Largest trace norm of D_k - D_k(0) over the layers, at the last state.

    Raises:
        InputError: if the weights were not stored.
    """
    try:
        weights = from_states(DescentPath.expect(trajectory.problem).network, trajectory.states)
    except KeyError as error:
        raise InputError(f"the drift needs the weights, but state {error} was not stored") from error
    drifts = [np.abs(np.linalg.eigvalsh(each[-1] - each[0])).sum() for each in imbalances(weights)]
    return Estimate.exact(np.max(drifts))


def depth_of(problem: Problem) -> Estimate:
    """The depth."""
    return Estimate.exact(float(DescentPath.expect(problem).network.depth))


def step_times_sharpness(problem: Problem) -> Estimate:
    """Step times the largest sharpness on the path; inf if the run diverges."""
    path = DescentPath.expect(problem)
    if np.isfinite(path.run.event("diverged").value):
        return Estimate.exact(np.inf)
    value, lower, upper = (path.step * part for part in _ends(path.sharpness))
    return Estimate.enclosed(value, lower, upper)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most step (R(0) - R(T)) / (1 - step S / 2), and 1e-12 of |W(0)|^2 for rounding."""
    path, product = DescentPath.expect(problem), step_times_sharpness(problem)
    rounding = ROUNDING * sum(float(np.sum(matrix**2)) for matrix in path.weights)
    rooms = (1 - part / 2 for part in _ends(product))
    parts = zip(_ends(path.fallen), rooms, strict=True)
    value, lower, upper = (
        path.step * max(fallen, 0.0) / room + rounding if room > 0 else np.inf for fallen, room in parts
    )
    return AtMost(Estimate.enclosed(value, lower, upper), domain=(0.0, None))


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return float(estimate.value), float(estimate.lower), float(estimate.upper)


THEOREM = Theorem(
    id="imbalance_drift_bound",
    theory="deep_linear",
    title="Descent keeps the imbalance up to O(step)",
    statement=(
        "If step S < 2 for the largest sharpness S on the segments of the path, descent changes each "
        "D_k = W_{k+1}^T W_{k+1} - W_k W_k^T by at most step (R(0) - R(T)) / (1 - step S / 2) in trace norm in T "
        "steps, however many. S is enclosed."
    ),
    source=Source(
        ARORA_COHEN_HAZAN,
        "conservation law of linear networks",
        "derived: increments of at most step^2 |grad R|^2, summed by the descent lemma",
    ),
    hypotheses=(
        Hypothesis("the depth is at least 2", AtLeast(2.0), depth_of),
        Hypothesis(
            "step times sharpness stays below 2 on the path", AtMost(np.nextafter(2.0, 0.0)), step_times_sharpness
        ),
    ),
    quantity=total_drift,
    predict=predict,
)
