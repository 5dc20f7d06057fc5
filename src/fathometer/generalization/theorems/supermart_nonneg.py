"""Non-negative losses by supermartingale."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import CHUGG
from fathometer.generalization.ledger._certificate import (
    INDEPENDENT,
    MARTINGALE,
    MOMENT,
    NON_NEGATIVE,
    certified,
    largest_risk,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "supermart_nonneg", largest_risk(problem))


THEOREM = Theorem(
    id="supermart_nonneg",
    theory="generalization",
    title="Non-negative losses by supermartingale",
    statement=(
        "With probability at least 1 - delta, at every m at once, every posterior has rho[R] <= rho[R_S] + "
        "(KL + ln(1/delta))/(lam m) + (lam/2) rho[E l^2], for one lam fixed in advance."
    ),
    source=Source(
        CHUGG, "same family", "derived here: exp(-t l) <= exp(-t E l + t^2 E l^2/2) in mean, Ville's inequality"
    ),
    hypotheses=(MARTINGALE, INDEPENDENT, NON_NEGATIVE, MOMENT),
    quantity=true_risk,
    predict=predict,
)
