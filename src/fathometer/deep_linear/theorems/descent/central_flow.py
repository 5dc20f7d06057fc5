"""At the edge of stability, averaged descent follows gradient flow projected onto {S <= 2 / step}."""

import numpy as np

from fathometer.deep_linear.model._references import COHEN_DAMIAN
from fathometer.deep_linear.model.starts._edge_of_stability import EdgeOfStability
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems.descent._edge import AT_EDGE, ONE_DIRECTION
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory

_TOLERANCE = 0.1


def relative_distance(trajectory: Trajectory) -> Estimate:
    """Largest distance of averaged descent from the central flow over that of gradient flow, in the second half.

    NaN where gradient flow stays.
    """
    near, far = (np.asarray(trajectory.observed[name].value) for name in ("distance", "flow_distance"))
    near, far = near[len(near) // 2 :], far[len(far) // 2 :]
    return Estimate.exact(np.max(np.divide(near, far, out=np.full_like(near, np.nan), where=far > 0)))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most a tenth.

    Raises:
        InputError: if the problem is something else.
    """
    EdgeOfStability.expect(problem)
    return AtMost(_TOLERANCE, domain=(0.0, None))


THEOREM = Theorem(
    id="central_flow",
    theory="deep_linear",
    title="Self-stabilization and the central flow",
    statement=(
        "With one unstable direction, descent at the edge of stability, averaged over its oscillation, follows "
        "dW/dt = -grad R - (x^2 / 2) grad S with x^2 = max(0, -2 <grad S, grad R> / |grad S|^2), which holds S at "
        "2 / step. Asymptotic for slow sharpening; judged: it is ten times closer to this than gradient flow is."
    ),
    source=Source(
        COHEN_DAMIAN,
        "central flow with one unstable direction",
        "from memory, checked numerically; equal to the projected flow of Damian, Nichani and Lee (2023)",
    ),
    about=EdgeOfStability,
    hypotheses=(AT_EDGE, ONE_DIRECTION),
    quantity=relative_distance,
    predict=predict,
    example=_examples.at_the_edge,
    counterexample=_examples.below_the_edge,
    along=(AxisKind.STEP,),
    reads=("distance", "flow_distance"),
)
