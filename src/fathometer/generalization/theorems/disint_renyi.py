"""One draw, Renyi disintegration."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_DISINTEGRATED
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "disint_renyi")


THEOREM = Theorem(
    id="disint_renyi",
    theory="generalization",
    title="One draw, Renyi disintegration",
    statement=(
        "With probability at least 1 - delta over sample and draw, the drawn predictor has risk at most "
        "kl^-1(R_S, (D_2 + ln(16 sqrt(m)/delta^3))/m)."
    ),
    source=Source(VIALLARD_DISINTEGRATED, "Corollary for Gaussians", "published"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
