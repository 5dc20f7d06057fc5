"""Random sets of predictors."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import DUPUIS
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "random_set")


THEOREM = Theorem(
    id="random_set",
    theory="generalization",
    title="Random sets of predictors",
    statement=(
        "With probability at least 1 - delta over sample and set, all predictors of the drawn set have risk "
        "at most R_S + 2 Rad_S + 9 lam/(8m) + (log density ratio + ln(1/delta))/lam."
    ),
    source=Source(DUPUIS, "topic", "derived here: disintegrated PAC-Bayes for the largest gap"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
