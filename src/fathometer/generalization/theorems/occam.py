"""Occam bound."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import LANGFORD
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "occam")


THEOREM = Theorem(
    id="occam",
    theory="generalization",
    title="Occam bound",
    statement=(
        "With probability at least 1 - delta, every predictor h of a countable class fixed in advance has "
        "risk at most kl^-1(R_S(h), (ln(1/weight) + ln(1/delta))/m)."
    ),
    source=Source(LANGFORD, "Occam's razor bound", "published"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
