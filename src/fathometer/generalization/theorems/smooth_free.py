"""Uniform convergence without a ball."""

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
    return certified(problem, "smooth_free")


THEOREM = Theorem(
    id="smooth_free",
    theory="generalization",
    title="Uniform convergence without a ball",
    statement=(
        "With probability at least 1 - delta, every h in R^d and every sigma have R(h) <= R_S(h) + 2 L "
        "sigma a_d + sqrt((KL(N(h, sigma^2 I)||N(h_0, s^2 I)) + ln(2 sqrt(m)/delta))/(2m))."
    ),
    source=Source(FATHOMETER, "Theorem B, (B1)", "derived here: the widths need no union bound"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
