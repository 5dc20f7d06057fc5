"""Source, hypotheses and states that the certificates after the start share."""

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions.certificate._certificate import (
    Certificates,
    excess_over_certifiable,
    flow_certificates,
)
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem, Source

PREMISE = (
    "If 2 sqrt(e / mu(r)) < r for some r, e the excess risk of a state and mu(r) a lower bound on 4 lambda_min(sigma) "
    "lambda_min(K) where no layer is farther from it than r, "
)


def certificate_source(remark: str) -> Source:
    """The theorem on residual initialization, from any state of any network."""
    return Source(
        MARION_CHIZAT, "theorem on residual initialization", f"derived for any state of any network; {remark}"
    )


def flow_certificate(problem: Problem) -> Certificates:
    """The certificate of a flow at its start, for one state."""
    start = GradientFlow.expect(problem)
    return flow_certificates(start.network, alone(start.weights))


def alone(weights: Weights) -> Weights:
    """Weights as a batch of one."""
    return tuple(matrix[None] for matrix in weights)


def _excess_share(problem: Problem) -> Estimate:
    start = GradientFlow.expect(problem)
    return Estimate.exact(excess_over_certifiable(start.network, start.weights))


CERTIFIABLE = Hypothesis("the excess risk is at most what can be certified (as a ratio)", AtMost(1.0), _excess_share)
"""The fixed point exists; the ratio says by how much it fails."""
