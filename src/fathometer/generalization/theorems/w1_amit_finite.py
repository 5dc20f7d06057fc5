"""W1 with a rate on finite classes."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import AMIT
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
    return certified(problem, "w1_amit_finite")


THEOREM = Theorem(
    id="w1_amit_finite",
    theory="generalization",
    title="W1 with a rate on finite classes",
    statement=(
        "With probability at least 1 - delta, every posterior on H predictors has rho[R] <= rho[R_S] + L "
        "sqrt(2 ln(4 H^2/delta)/m) W1(rho, pi) + sqrt(ln(2/delta)/(2m))."
    ),
    source=Source(AMIT, "finite class", "published, constant of the last term improved: Hoeffding for every pair"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
