"""The effective sharpness of scalar RMSProp or Adam stays at its limit."""

import numpy as np

from fathometer.deep_linear.model._references import COHEN_DAMIAN
from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems.edge._adaptive import AT_EDGE, OTHERS_SLOW
from fathometer.evidence import Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory, Within

_TOLERANCE = 0.1


def mean_effective(trajectory: Trajectory) -> Estimate:
    """Mean of r S over its limit in the second half of the run."""
    values = np.asarray(trajectory.observed["effective"].value)
    return Estimate.exact(np.mean(values[len(values) // 2 :]))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """1, to 10 percent."""
    AdaptiveEdge.expect(problem)
    return Within(1 - _TOLERANCE, 1 + _TOLERANCE, domain=(0.0, None))


THEOREM = Theorem(
    id="adaptive_edge",
    theory="deep_linear",
    title="The edge of stability of scalar RMSProp and Adam",
    statement=(
        "At its edge, step S / sqrt(nu) of scalar Adam, averaged over the oscillation, hovers at (2 + 2 beta1) / "
        "(1 - beta1): 2 for RMSProp, 38 for beta1 = 0.9. An empirical law; judged to 10 percent over the second half."
    ),
    source=Source(COHEN_DAMIAN, "edge of stability of adaptive methods", "no theorem; the limit is exact for fixed nu"),
    about=AdaptiveEdge,
    hypotheses=(AT_EDGE, OTHERS_SLOW),
    quantity=mean_effective,
    predict=predict,
    example=_edge_examples.rmsprop_at_edge,
    counterexample=_edge_examples.rmsprop_below_edge,
    along=(AxisKind.STEP,),
    reads=("effective",),
)
