"""From a certified state on, gradient descent converges to a global minimizer, at a rate per step."""

from fathometer.deep_linear.model._network import excess_risk, stored_weights
from fathometer.deep_linear.model.starts._certified_descent import CertifiedDescent
from fathometer.deep_linear.predictions.certificate._certificate import descent_certificates, excess_over_certifiable
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems.certified._shared import PREMISE, alone, certificate_source
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Prediction,
    Problem,
    Theorem,
    Trajectory,
)

_TOLERANCE = 1e-12


def excess_share(problem: Problem) -> Estimate:
    """Excess risk over the largest one that can be certified with this step; inf if the step is too large for any."""
    start = CertifiedDescent.expect(problem)
    return Estimate.exact(excess_over_certifiable(start.network, start.weights, start.step))


def excess_along(trajectory: Trajectory) -> Estimate:
    """R - R_min along the steps.

    Raises:
        InputError: if the weights were not stored.
    """
    network = CertifiedDescent.expect(trajectory.problem).network
    states = stored_weights(network, trajectory.states, "the certificate")
    return Estimate.exact(excess_risk(network, states), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most e (1 - step s mu)^t, 1e-12 of e and the rounding of a risk.

    Raises:
        InputError: if the measurement does not run along steps.
    """
    if axis is None or axis.kind is not AxisKind.STEP:
        raise InputError("the rate of decay needs a measurement along steps")
    start = CertifiedDescent.expect(problem)
    found = descent_certificates(start.network, alone(start.weights), start.step)
    bound = found.excess_after(axis.points) + _TOLERANCE * found.excess
    return AtMost(bound, domain=(0.0, None))


THEOREM = Theorem(
    id="certified_descent",
    theory="deep_linear",
    title="A certificate on the way: descent",
    statement=PREMISE.replace("2 sqrt(e / mu(r)) < r", "2 sqrt(e / mu(r)) < s r with s = 1 - step H(r) / 2 > 0")
    + (
        "and H(r) an upper bound on the curvature there, then descent from this state converges to a global "
        "minimizer, a step multiplies the excess risk by at most 1 - step s mu(r), and no layer moves farther than r."
    ),
    source=certificate_source("a step lowers the risk by step s |grad R|^2, so its length pays for itself"),
    about=CertifiedDescent,
    hypotheses=(
        Hypothesis("the excess risk is at most what can be certified (as a ratio)", AtMost(1.0), excess_share),
    ),
    quantity=excess_along,
    predict=predict,
    example=_examples.certified_descent,
    counterexample=_examples.uncertified_descent,
    along=(AxisKind.STEP,),
    reads=("W1",),
)
