"""How long a balanced network stays at the saddle at zero."""

import numpy as np

from fathometer.deep_linear.dynamics.flow._escape import ESCAPE
from fathometer.deep_linear.dynamics.flow._escape_bracket import escape_bracket
from fathometer.deep_linear.model._flow_problem import BalancedFlow, network_of
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.observables._decay import passage_time
from fathometer.deep_linear.observables._layer_observables import PRODUCT
from fathometer.deep_linear.predictions._early_phase import ESCAPED
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEEP
from fathometer.deep_linear.theorems._special_hypotheses import SMALL
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)


def escape_time(trajectory: Trajectory) -> Estimate:
    """When the escape was seen during the run, else between the last observation before it and the first after.

    Observe the flow at times next to the predicted one for a narrow interval.
    """
    if any(event.name == ESCAPE for event in trajectory.events):
        return trajectory.event(ESCAPE)
    norms = np.linalg.norm(np.asarray(trajectory.observe(PRODUCT).value), axis=-1)
    return passage_time(trajectory.axis.points, norms, ESCAPED * network_of(trajectory.problem).regression.norm)


def slope_norm(problem: Problem) -> Estimate:
    """|sigma w_star|."""
    data = network_of(problem).regression
    return Estimate.exact(np.linalg.norm(data.sigma @ data.w_star))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The bracket around the time on the straight line."""
    start = BalancedFlow.expect(problem)
    bracket = escape_bracket(start.network, start.product, ESCAPED * start.network.regression.norm)
    return Within(bracket.lower, bracket.upper, domain=(0.0, None))


THEOREM = Theorem(
    id="early_escape",
    theory="deep_linear",
    title="Escape from the saddle at zero",
    statement=(
        "While |w| is small, x = |w|^{1/L} w / |w| of a balanced network moves straight along G = 2 sigma w*, "
        "so |w| sin^L of the angle to G is conserved. The time until |w| = m / 20, of order |w(0)|^{2/L-1} for "
        "L >= 3, is in a bracket around that on the line. The network leaves along sigma w*, not along w*."
    ),
    source=Source(MARION_CHIZAT, "not stated there", "derived; the bracket bounds the deviation from the line"),
    about=BalancedFlow,
    hypotheses=(
        DEEP,
        Hypothesis("sigma w_star is not zero", Positive(), slope_norm),
        SMALL,
    ),
    quantity=escape_time,
    predict=predict,
    example=_examples.escape,
    counterexample=_examples.large_start,
    along=(AxisKind.TIME,),
    reads=("w",),
    uses=("balanced_product",),
)
