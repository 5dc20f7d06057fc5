"""Uniform convergence from W1 PAC-Bayes without a union over the blocks."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import (
    INDEPENDENT,
    LIPSCHITZ,
    SHUFFLED,
    UNIT_LOSS,
    certified,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_route_a_improved")


THEOREM = Theorem(
    id="w1_route_a_improved",
    theory="generalization",
    title="Uniform convergence from W1 PAC-Bayes without a union over the blocks",
    statement=(
        "With probability at least 1 - delta, every h has risk at most R_S(h) + 2 L d(h, priors) + sqrt(K "
        "ln(1/delta)/(2m)), for K equal blocks."
    ),
    source=Source(
        VIALLARD_WASSERSTEIN,
        "Corollary for Dirac posteriors of Theorem 3",
        "derived here: convexity of exp replaces the union bound",
    ),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
