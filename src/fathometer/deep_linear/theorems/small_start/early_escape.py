"""How long a balanced network stays at the saddle at zero."""

import math

import numpy as np

from fathometer.deep_linear.dynamics.flow._escape_bracket import escape_bracket
from fathometer.deep_linear.dynamics.flow._riccati import relative_imbalance
from fathometer.deep_linear.model._flow_problem import BalancedFlow, GradientFlow, initial_product, network_of
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.observables._layer_observables import PRODUCT
from fathometer.deep_linear.theorems._flow import DEEP, NONZERO_START, PLAIN, POSITIVE
from fathometer.evidence import (
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

SHARE = 0.05
"""A network has escaped when the norm of its product is this share of the norm of w_star."""


def escape_time(trajectory: Trajectory) -> Estimate:
    """Between the last observation before the escape and the first after it; inf and open if there is none.

    Observe the flow at times next to the predicted one, or judge `balanced_escape_time`, for a narrow interval.

    Raises:
        InputError: if the product is no state and the weights were not stored.
    """
    norms = np.linalg.norm(np.asarray(trajectory.observe(PRODUCT).value), axis=-1)
    times, radius = trajectory.axis.points, SHARE * network_of(trajectory.problem).regression.norm
    out = np.flatnonzero(norms >= radius)
    if not out.size:
        return Estimate.enclosed(math.inf, times[-1], math.inf)
    first = int(out[0])
    return Estimate.enclosed(times[first], times[max(first - 1, 0)], times[first])


def start_share(problem: Problem) -> Estimate:
    """|w(0)| / |w_star|; inf if w_star is zero."""
    norm = network_of(problem).regression.norm
    return Estimate.exact(float(np.linalg.norm(initial_product(problem))) / norm if norm else math.inf)


def slope_norm(problem: Problem) -> Estimate:
    """|sigma w_star|."""
    data = network_of(problem).regression
    return Estimate.exact(np.linalg.norm(data.sigma @ data.w_star))


def initial_imbalance(problem: Problem) -> Estimate:
    """Relative imbalance of the weights; 0 where only the product of a balanced network is given."""
    return Estimate.exact(
        0.0 if isinstance(problem, BalancedFlow) else relative_imbalance(GradientFlow.expect(problem))
    )


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The bracket around the time on the straight line."""
    network = network_of(problem)
    bracket = escape_bracket(network, initial_product(problem), SHARE * network.regression.norm)
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
    hypotheses=(
        PLAIN,
        DEEP,
        Hypothesis("the layers are balanced at the start", AtMost(1e-12), initial_imbalance),
        Hypothesis("sigma w_star is not zero", POSITIVE, slope_norm),
        NONZERO_START,
        Hypothesis("the product starts small (relative to w_star)", AtMost(SHARE / 2), start_share),
    ),
    quantity=escape_time,
    predict=predict,
)
