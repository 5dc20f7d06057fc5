"""Mean of a Gaussian posterior."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import FATHOMETER
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
    return certified(problem, "smooth_mean")


THEOREM = Theorem(
    id="smooth_mean",
    theory="generalization",
    title="Mean of a Gaussian posterior",
    statement=(
        "With probability at least 1 - delta, every h and every sigma have R(h) at most kl^-1 of the "
        "empirical Gibbs risk of N(h, sigma^2 I) at (KL + ln(2 sqrt(m)/delta))/m, plus L sigma a_d."
    ),
    source=Source(FATHOMETER, "Theorem B, (B0)", "derived here: Maurer-Seeger, then W1 back to h"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
