"""Covering numbers."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import HOEFFDING
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
    return certified(problem, "covering")


THEOREM = Theorem(
    id="covering",
    theory="generalization",
    title="Covering numbers",
    statement=(
        "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) + 2 L eps + sqrt((d "
        "ln(1 + 2B/eps) + ln(1/delta))/(2m))."
    ),
    source=Source(HOEFFDING, "union bound over an eps-net", "from memory, checked numerically"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
