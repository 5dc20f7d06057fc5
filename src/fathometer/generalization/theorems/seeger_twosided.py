"""Seeger's bound, upper side."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import SEEGER
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "seeger_twosided")


THEOREM = Theorem(
    id="seeger_twosided",
    theory="generalization",
    title="Seeger's bound, upper side",
    statement=(
        "With probability at least 1 - delta, the kl of empirical and true Gibbs risk of every posterior is "
        "at most (KL + ln(2 sqrt(m)/delta))/m; the upper limit is judged."
    ),
    source=Source(SEEGER, "Theorem 1", "published; statement number not verified"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
