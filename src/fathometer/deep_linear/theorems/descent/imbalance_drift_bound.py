"""Under descent, the imbalance of neighbouring layers drifts by O(step) in all."""

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.model._references import ARORA_COHEN_HAZAN
from fathometer.deep_linear.observables._imbalance import total_drift
from fathometer.deep_linear.predictions._imbalance_drift import imbalance_drift_bound as imbalance_drift
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEEP, ROUNDING
from fathometer.evidence import (
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


def drift(trajectory: Trajectory) -> Estimate:
    """Largest trace norm of D_k - D_k(0) over the layers, at the last state.

    Raises:
        InputError: if the weights were not stored.
    """
    weights = stored_weights(DescentPath.expect(trajectory.problem).network, trajectory.states, "the drift")
    return Estimate.exact(total_drift(weights))


def step_times_sharpness(problem: Problem) -> Estimate:
    """Step times the largest sharpness on the path; inf if the run diverges."""
    path = DescentPath.expect(problem)
    if np.isfinite(path.run.event("diverged").value):
        return Estimate.exact(np.inf)
    sharpness = path.sharpness
    return Estimate.enclosed(path.step * sharpness.value, path.step * sharpness.lower, path.step * sharpness.upper)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most step (R(0) - R(T)) / (1 - step S / 2), and 1e-12 of |W(0)|^2 for rounding."""
    path = DescentPath.expect(problem)
    rounding = ROUNDING * sum(float(np.sum(matrix**2)) for matrix in path.weights)
    return AtMost(imbalance_drift(path.step, path.fallen, path.sharpness, rounding), domain=(0.0, None))


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
    about=DescentPath,
    hypotheses=(
        DEEP,
        Hypothesis(
            "step times sharpness stays below 2 on the path", AtMost(np.nextafter(2.0, 0.0)), step_times_sharpness
        ),
    ),
    quantity=drift,
    predict=predict,
    example=_examples.descent_path,
    counterexample=_examples.large_step_path,
    along=(AxisKind.STEP,),
    reads=("W1",),
    cost="the eigenvalues of a Hessian at every step",
    uses=("imbalance_increment",),
)
