"""Beyond 2 / S_min, descent cannot stay at any minimizer."""

import math

from fathometer.deep_linear.dynamics.descent._step_scan import largest_returning_step
from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._minimizers import is_nearly_flattest
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import SIGNAL
from fathometer.evidence import Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory, Within

_TOLERANCE = 5e-3


def returning_step(trajectory: Trajectory) -> Estimate:
    """Between the largest step that returns and the smallest that leaves; NaN if the runs start elsewhere."""
    network = DeepLinear.expect(trajectory.problem)
    start = tuple(matrix[0] for matrix in stored_weights(network, trajectory.states, "the step"))
    flattest = is_nearly_flattest(network, start, _TOLERANCE)
    return largest_returning_step(trajectory) if flattest else Estimate.exact(math.nan)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Within half a percent of 2 / S_min."""
    step = critical_step(minimal_sharpness(DeepLinear.expect(problem)))
    return Within(step.lower * (1 - _TOLERANCE), step.upper * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="largest_stable_step",
    theory="deep_linear",
    title="Largest stable step",
    statement=(
        "Descent that starts next to a flattest minimizer returns to it for steps below 2 / S_min and leaves it for "
        "steps above; beyond, every global minimizer is linearly unstable. Judged to half a percent."
    ),
    source=Source(
        MARION_CHIZAT,
        "consequence of Theorem 1",
        "derived with the exact S_min, which makes the step slightly smaller than the 1 / (m^{2-2/L} L a) of the paper",
    ),
    about=DeepLinear,
    hypotheses=(SIGNAL,),
    quantity=returning_step,
    predict=predict,
    example=_examples.step_scan,
    counterexample=_examples.nothing_to_learn,
    along=(AxisKind.PARAMETER,),
    reads=("W1", "log_change"),
    uses=("minimal_sharpness_exact", "descent_stability"),
)
