"""The amplitude of the oscillation of a deep network next to a flattest minimizer."""

from fathometer.deep_linear.model._references import PERIOD_DOUBLING
from fathometer.deep_linear.model.starts._beyond_step import BeyondStep
from fathometer.deep_linear.observables.edge._oscillation import network_amplitude_squared
from fathometer.deep_linear.predictions.edge._network_period_two import network_oscillation
from fathometer.deep_linear.theorems import _edge_examples
from fathometer.deep_linear.theorems.descent._stability import relative_excess_risk_of
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Prediction,
    Problem,
    Source,
    Theorem,
    Within,
)

_TOLERANCE, _JUST = 0.05, 0.05


def excess(problem: Problem) -> Estimate:
    """Excess mu = step S - 2."""
    return Estimate.exact(BeyondStep.expect(problem).excess)


def at_minimizer(problem: Problem) -> Estimate:
    """Excess risk of the weights over what w_star explains."""
    start = BeyondStep.expect(problem)
    return Estimate.exact(relative_excess_risk_of(start.network, start.weights))


def drift(problem: Problem) -> Estimate:
    """Slope of the sharpness along the minimizers, as a share of T[v, v]."""
    start = BeyondStep.expect(problem)
    return Estimate.exact(network_oscillation(start.network, start.weights).drift)


def second(problem: Problem) -> Estimate:
    """Second Hessian eigenvalue over the first."""
    start = BeyondStep.expect(problem)
    found = network_oscillation(start.network, start.weights)
    return Estimate.exact(found.second / found.sharpness)


def criterion(problem: Problem) -> Estimate:
    """A, positive where the oscillation is stable."""
    start = BeyondStep.expect(problem)
    return Estimate.exact(network_oscillation(start.network, start.weights).criterion)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """1 / (2 A), to 5 percent."""
    start = BeyondStep.expect(problem)
    value = 1 / (2 * network_oscillation(start.network, start.weights).criterion)
    return Within(value * (1 - _TOLERANCE), value * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="network_oscillation",
    theory="deep_linear",
    title="The oscillation next to a flattest minimizer",
    statement=(
        "Descent with step (2 + mu) / S_min from next to a flattest minimizer settles on two points at half distance "
        "d, d^2 = mu / (2 A) + O(mu^2), A = (T[v,v] H^+ T[v,v] / 2 - Q[v,v,v,v] / 6) / S from the second to fourth "
        "derivatives H, T, Q of the risk there and its top eigenvector v, if A > 0. Judged to 5 percent."
    ),
    source=Source(PERIOD_DOUBLING, "period doubling of deep linear networks", "derived here for any widths and data"),
    about=BeyondStep,
    hypotheses=(
        Hypothesis("the weights are a global minimizer", AtMost(1e-12, (0.0, None)), at_minimizer),
        Hypothesis("the sharpness is stationary among the minimizers", AtMost(1e-6, (0.0, None)), drift),
        Hypothesis("the top eigenvalue is simple, by a tenth", AtMost(0.9), second),
        Hypothesis("A > 0", Positive(), criterion),
        Hypothesis("the step is beyond the largest stable one, mu > 0", Positive(), excess),
        Hypothesis("by little: mu <= 0.05", AtMost(_JUST), excess),
    ),
    quantity=network_amplitude_squared,
    predict=predict,
    example=_edge_examples.settled,
    counterexample=_edge_examples.not_flattest,
    along=(AxisKind.STEP,),
    reads=("W1",),
)
