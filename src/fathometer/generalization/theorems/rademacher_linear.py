"""Rademacher bound for linear classes."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import BARTLETT
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
    return certified(problem, "rademacher_linear")


THEOREM = Theorem(
    id="rademacher_linear",
    theory="generalization",
    title="Rademacher bound for linear classes",
    statement=(
        "With probability at least 1 - delta, every linear predictor of norm at most B has risk at most R_S "
        "+ 2 L B X/sqrt(m) + sqrt(ln(1/delta)/(2m)), X^2 the mean of |x|^2; if it is the mean over the sample, the "
        "last term is 3 sqrt(ln(2/delta)/(2m))."
    ),
    source=Source(BARTLETT, "linear class with contraction", "from memory, checked numerically"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
