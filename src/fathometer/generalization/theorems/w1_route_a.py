"""Uniform convergence from W1 PAC-Bayes."""

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
    return certified(problem, "w1_route_a")


THEOREM = Theorem(
    id="w1_route_a",
    theory="generalization",
    title="Uniform convergence from W1 PAC-Bayes",
    statement=(
        "With probability at least 1 - delta, every h has risk at most R_S(h) + 2 L d(h, prior) + sqrt(K "
        "ln(K/delta)/(2m))."
    ),
    source=Source(VIALLARD_WASSERSTEIN, "Corollary for Dirac posteriors of Theorem 3", "published"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
