"""Uniform convergence by ball smoothing."""

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
    return certified(problem, "smooth_ball")


THEOREM = Theorem(
    id="smooth_ball",
    theory="generalization",
    title="Uniform convergence by ball smoothing",
    statement=(
        "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) + 2 L eps d/(d+1) + "
        "sqrt((d ln(1 + B/eps) + ln(2 sqrt(m)/delta))/(2m))."
    ),
    source=Source(FATHOMETER, "Theorem B, (B3)", "derived here: uniform laws on balls stay within eps of h"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
