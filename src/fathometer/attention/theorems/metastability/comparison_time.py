"""An explicit bound on the time in which a cap collapses."""

import math

import numpy as np

from fathometer.attention.model._comparison_flow import ComparisonFlow
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.predictions._closed_forms import collapse_log_time, collapse_log_time_bound
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Origin,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def log_time(trajectory: Trajectory) -> Estimate:
    """Log of the time from the start to 1 - u = exp(-c beta), from its closed form."""
    flow = ComparisonFlow.expect(trajectory.problem)
    return collapse_log_time(flow.start, math.exp(-flow.exponent * flow.beta), flow.beta)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """Log of exp(beta (1 - u_0)) / u_0 + beta^2 c e / (beta - 1)."""
    flow = ComparisonFlow.expect(problem)
    return AtMost(collapse_log_time_bound(flow.start, flow.exponent, flow.beta))


def example() -> Trajectory:
    """The equation from half way; its time is a closed form, so that there are no states."""
    flow = ComparisonFlow(10.0, 0.5, 0.5)
    return Trajectory(flow, Axis(AxisKind.PARAMETER, np.array([flow.beta]), "beta"), {}, Origin.SIMULATED)


def too_warm() -> ComparisonFlow:
    """Beta below 1."""
    return ComparisonFlow(0.5, 0.5, 2.0)


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(ComparisonFlow.expect(problem).beta)


def _way_to_go(problem: Problem) -> Estimate:
    flow = ComparisonFlow.expect(problem)
    return Estimate.exact(math.log1p(-flow.start) + flow.exponent * flow.beta)


THEOREM = Theorem(
    id="comparison_time",
    theory="attention",
    title="Metastability, step (c): time to collapse",
    statement="The solution of du/dt = u (1 - u) exp(beta (u - 1)), u(0) = u_0, has 1 - u <= exp(-c beta) not after"
    " exp(beta (1 - u_0)) / u_0 + beta^2 c e / (beta - 1); judged on the logarithm of the time.",
    source=Source(METASTABILITY, "proof of the main theorem, scalar lemma"),
    about=ComparisonFlow,
    hypotheses=(
        Hypothesis("beta > 1", AtLeast(1 + 1e-12, domain=(0, None)), _beta),
        Hypothesis("not at the end already (log)", AtLeast(1e-12), _way_to_go),
    ),
    quantity=log_time,
    predict=predict,
    example=example,
    counterexample=too_warm,
)
