"""Just above the critical kappa the order parameter grows like a root, if beta is below the tricritical one."""

import numpy as np
from scipy.special import ive

from fathometer.attention.dynamics.variants._mean_field import MeanFieldCircle, order_parameter
from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._system import Model
from fathometer.attention.predictions._noise import critical_kappa, tricritical_beta
from fathometer.evidence import (
    NO,
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

ROOM = 0.05


def last_order(trajectory: Trajectory) -> Estimate:
    """Order parameter of the last state, which should be the law to which a cluster has settled."""
    return Estimate.exact(np.asarray(order_parameter(trajectory).value)[-1])


def excess(problem: Problem) -> float:
    """kappa/kappa_c - 1."""
    law = MeanFieldCircle.expect(problem)
    return law.kappa / float(critical_kappa(2, law.beta, law.model).value) - 1


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The root of 2 (kappa/kappa_c - 1) (1 - s)/(1 - 2 s), s = I_2/I_1, to 5 %."""
    beta = MeanFieldCircle.expect(problem).beta
    s = float(ive(2, beta) / ive(1, beta))
    root = float(np.sqrt(2 * excess(problem) * (1 - s) / (1 - 2 * s)))
    return Within(root * (1 - ROOM), root * (1 + ROOM), domain=(0, 1))


def _not_usa(problem: Problem) -> Estimate:
    return Estimate.exact(float(MeanFieldCircle.expect(problem).model is not Model.USA))


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(MeanFieldCircle.expect(problem).beta)


def _excess(problem: Problem) -> Estimate:
    return Estimate.exact(excess(problem))


def below_tricritical(problem: Problem) -> Estimate:
    """How far beta is below the tricritical one."""
    return Estimate.exact(float(tricritical_beta().value) - MeanFieldCircle.expect(problem).beta)


USA_ONLY = Hypothesis("the model is USA", NO, _not_usa)

THEOREM = Theorem(
    id="noisy_onset",
    theory="attention",
    title="Clusters appear continuously below the tricritical beta",
    statement="In the noisy mean field of USA on the circle with beta < 2.4469..., where I_2/I_1 = 1/2, the order"
    " parameter just above kappa_c is r with r^2 = 2 (kappa/kappa_c - 1) (1 - s)/(1 - 2 s), s = I_2(beta)/I_1(beta);"
    " here to 5 %.",
    source=Source(
        SURVEY,
        "noisy Transformers: phase transition on the circle",
        "The amplitude is derived from the cubic term of the self-consistency equation, and is only its leading order:"
        " beta is kept below 2.1 and kappa within 0.2 % of kappa_c.",
    ),
    hypotheses=(
        USA_ONLY,
        Hypothesis("beta below the tricritical one (room)", AtLeast(0.0), below_tricritical),
        Hypothesis("beta <= 2.1: the next order is small", AtMost(2.1, domain=(0, None)), _beta),
        Hypothesis("kappa just above kappa_c (relative)", Within(1e-5, 2e-3), _excess),
    ),
    quantity=last_order,
    predict=predict,
)
