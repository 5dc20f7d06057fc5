"""The average of scalar RMSProp or Adam at its edge follows a central flow of weights and scale."""

import numpy as np

from fathometer.deep_linear.model._network import from_states
from fathometer.deep_linear.model._references import COHEN_DAMIAN
from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems.edge._adaptive import AT_EDGE, OTHERS_SLOW
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory

_TOLERANCE = 0.1


def share_of_way(trajectory: Trajectory) -> Estimate:
    """Largest distance of the averaged optimiser from the centre over the way that it has gone, in the second half.

    NaN where the centre stays.
    """
    layers = from_states(AdaptiveEdge.expect(trajectory.problem).network, trajectory.states)
    way = np.sqrt(np.asarray(sum(np.sum((w - w[:1]) ** 2, axis=(1, 2)) for w in layers)))
    distance, half = np.asarray(trajectory.observed["distance"].value), len(way) // 2
    shares = np.divide(distance, way, out=np.full_like(way, np.nan), where=way > 0)
    return Estimate.exact(np.max(shares[half:]))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most a tenth."""
    AdaptiveEdge.expect(problem)
    return AtMost(_TOLERANCE, domain=(0.0, None))


THEOREM = Theorem(
    id="adaptive_central_flow",
    theory="deep_linear",
    title="The central flow of scalar RMSProp and Adam",
    statement=(
        "With one unstable direction, the average of scalar Adam at its edge follows dW/dt = -r (grad R + (x^2/2) grad "
        "S), dnu/dt = -log(beta2) (|grad R|^2 + x^2 S^2 - nu), r = step / sqrt(nu), with the x^2 >= 0 that holds r S "
        "at (2 + 2 beta1) / (1 - beta1). Asymptotic for slow sharpening; judged: it is nearer than a tenth of its way."
    ),
    source=Source(COHEN_DAMIAN, "central flow of scalar RMSProp", "from memory and derived again, with momentum"),
    about=AdaptiveEdge,
    hypotheses=(AT_EDGE, OTHERS_SLOW),
    quantity=share_of_way,
    predict=predict,
    example=_edge_examples.rmsprop_at_edge,
    counterexample=_edge_examples.rmsprop_below_edge,
    along=(AxisKind.STEP,),
    reads=("W1", "distance"),
)
