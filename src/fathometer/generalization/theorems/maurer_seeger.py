"""Maurer-Seeger bound."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import MAURER
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "maurer_seeger")


THEOREM = Theorem(
    id="maurer_seeger",
    theory="generalization",
    title="Maurer-Seeger bound",
    statement=(
        "With probability at least 1 - delta, every posterior has Gibbs risk at most kl^-1 of its "
        "empirical Gibbs risk at (KL + ln(2 sqrt(m)/delta))/m, for a prior fixed in advance."
    ),
    source=Source(MAURER, "Theorem 5", "published; statement number not verified"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
