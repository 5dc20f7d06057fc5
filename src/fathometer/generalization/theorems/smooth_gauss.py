"""Uniform convergence by Gaussian smoothing."""

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
    return certified(problem, "smooth_gauss")


THEOREM = Theorem(
    id="smooth_gauss",
    theory="generalization",
    title="Uniform convergence by Gaussian smoothing",
    statement=(
        "With probability at least 1 - delta, every h of a ball fixed in advance has risk at most R_S(h) "
        "+ 2 L sigma a_d + sqrt(((d/2) ln(1 + B^2/(d sigma^2)) + ln(2 sqrt(m)/delta))/(2m))."
    ),
    source=Source(FATHOMETER, "Theorem B, (B2)", "derived here: Maurer-Seeger for N(h, sigma^2 I), then W1 back to h"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
