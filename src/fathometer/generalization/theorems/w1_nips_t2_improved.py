"""W1 PAC-Bayes for non-negative losses without a union over the blocks."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import (
    INDEPENDENT,
    LIPSCHITZ,
    MOMENT,
    NON_NEGATIVE,
    SHUFFLED,
    certified,
    largest_risk,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_nips_t2_improved", largest_risk(problem))


THEOREM = Theorem(
    id="w1_nips_t2_improved",
    theory="generalization",
    title="W1 PAC-Bayes for non-negative losses without a union over the blocks",
    statement=("As w1_nips_t2 with the last term sqrt(2 K C ln(1/delta)/m)."),
    source=Source(VIALLARD_WASSERSTEIN, "Theorem 2", "derived here: convexity of exp replaces the union bound"),
    hypotheses=(SHUFFLED, INDEPENDENT, NON_NEGATIVE, LIPSCHITZ, MOMENT),
    quantity=true_risk,
    predict=predict,
)
