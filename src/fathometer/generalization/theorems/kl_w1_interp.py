"""Interpolation between KL and W1."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_INTERPOLATION
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
    return certified(problem, "kl_w1_interp")


THEOREM = Theorem(
    id="kl_w1_interp",
    theory="generalization",
    title="Interpolation between KL and W1",
    statement=(
        "With probability at least 1 - delta, every rho and every eta have rho[R] <= rho[R_S] + 2 L W1(rho, "
        "eta) + sqrt((KL(eta||pi) + ln(2 sqrt(m)/delta))/(2m))."
    ),
    source=Source(VIALLARD_INTERPOLATION, "idea", "derived here: Maurer-Seeger at eta, duality on both sides"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
