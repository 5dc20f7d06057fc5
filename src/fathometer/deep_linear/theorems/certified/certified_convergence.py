"""From a certified state on, gradient flow converges to a global minimizer, exponentially fast."""

from fathometer.deep_linear.dynamics.certified._moment import rest_of_flow
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import excess_risk, stored_weights
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems.certified._shared import (
    CERTIFIABLE,
    PREMISE,
    certificate_source,
    flow_certificate,
)
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, InputError, Prediction, Problem, Theorem, Trajectory

_TOLERANCE = 1e-12


def excess_along(trajectory: Trajectory) -> Estimate:
    """R - R_min along the trajectory.

    Raises:
        InputError: if the weights were not stored.
    """
    network = GradientFlow.expect(trajectory.problem).network
    states = stored_weights(network, trajectory.states, "the certificate")
    return Estimate.exact(excess_risk(network, states), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most e exp(-mu t), 1e-12 of e for the integrator and the rounding of a risk.

    Raises:
        InputError: if the measurement does not run along time.
    """
    if axis is None or axis.kind is not AxisKind.TIME:
        raise InputError("the rate of decay needs a measurement along time")
    found = flow_certificate(problem)
    bound = found.excess_after(axis.points) + _TOLERANCE * found.excess
    return AtMost(bound, domain=(0.0, None))


THEOREM = Theorem(
    id="certified_convergence",
    theory="deep_linear",
    title="A certificate on the way: convergence and rate",
    statement=PREMISE
    + (
        "then gradient flow from this state converges to a global minimizer, R(t) - R_min <= exp(-mu(r) t) e, and no "
        "layer moves farther than r. Judged from the first certified state of a run on, to 1e-12 of e."
    ),
    source=certificate_source("the path has length at most 2 sqrt(e / mu) as long as it stays in the ball"),
    about=GradientFlow,
    hypotheses=(CERTIFIABLE,),
    quantity=excess_along,
    predict=predict,
    example=_examples.generic_flow,
    counterexample=_examples.unbalanced_flow,
    along=(AxisKind.TIME,),
    reads=("W1",),
    part=rest_of_flow,
)
