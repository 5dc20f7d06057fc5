"""Catoni's bound."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import CATONI
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "catoni")


THEOREM = Theorem(
    id="catoni",
    theory="generalization",
    title="Catoni's bound",
    statement=(
        "With probability at least 1 - delta, every posterior has Gibbs risk at most (1 - exp(-C rho[R_S] - "
        "(KL + ln(1/delta))/m))/(1 - exp(-C)), for one C fixed in advance."
    ),
    source=Source(CATONI, "Theorem 1.2.6", "published; statement number not verified"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
