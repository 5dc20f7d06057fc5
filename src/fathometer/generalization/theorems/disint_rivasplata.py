"""One draw, exact disintegration."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import RIVASPLATA
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "disint_rivasplata")


THEOREM = Theorem(
    id="disint_rivasplata",
    theory="generalization",
    title="One draw, exact disintegration",
    statement=(
        "With probability at least 1 - delta over sample and draw, the drawn predictor has risk at most "
        "kl^-1(R_S, (log density ratio + ln(2 sqrt(m)/delta))/m)."
    ),
    source=Source(RIVASPLATA, "Theorem 1", "published; statement number not verified"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
