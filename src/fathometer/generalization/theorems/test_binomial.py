"""Held-out test bound."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import CLOPPER
from fathometer.generalization.ledger._certificate import INDEPENDENT, SHUFFLED, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "test_binomial")


THEOREM = Theorem(
    id="test_binomial",
    theory="generalization",
    title="Held-out test bound",
    statement=(
        "If a predictor is fixed before n i.i.d. points are seen and errs on k of them, its error is at "
        "most the Clopper-Pearson limit, with probability at least 1 - delta."
    ),
    source=Source(CLOPPER, "upper limit", "from memory, checked numerically"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
