"""At the edge of stability, the sharpness of averaged descent stays at 2 / step."""

import numpy as np

from fathometer.deep_linear.model._references import COHEN_KAUR
from fathometer.deep_linear.model.starts._edge_of_stability import EdgeOfStability
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems.descent._edge import AT_EDGE, ONE_DIRECTION
from fathometer.evidence import Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory, Within

_TOLERANCE = 0.05


def mean_sharpness(trajectory: Trajectory) -> Estimate:
    """Mean sharpness of averaged descent over the second half of the run."""
    values = np.asarray(trajectory.observed["sharpness"].value)
    return Estimate.exact(np.mean(values[len(values) // 2 :]))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Within 5 percent of 2 / step."""
    limit = 2 / EdgeOfStability.expect(problem).step
    return Within(limit * (1 - _TOLERANCE), limit * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="edge_of_stability",
    theory="deep_linear",
    title="Edge of stability",
    statement=(
        "Descent whose sharpness would grow beyond 2 / step under gradient flow oscillates instead, and the sharpness, "
        "averaged over the oscillation, hovers at 2 / step. An empirical law; judged to 5 percent over the second half."
    ),
    source=Source(COHEN_KAUR, "edge of stability", "no theorem; holds where the other directions learn slowly"),
    about=EdgeOfStability,
    hypotheses=(AT_EDGE, ONE_DIRECTION),
    quantity=mean_sharpness,
    predict=predict,
    example=_examples.at_the_edge,
    counterexample=_examples.below_the_edge,
    along=(AxisKind.STEP,),
    reads=("sharpness",),
)
