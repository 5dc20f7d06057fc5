"""Online W1 PAC-Bayes, bounded losses."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import LIPSCHITZ, PREDICTABLE, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The mean conditional risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_nips_t5_bounded")


THEOREM = Theorem(
    id="w1_nips_t5_bounded",
    theory="generalization",
    title="Online W1 PAC-Bayes, bounded losses",
    statement=("For a loss in [0, 1], as w1_nips_t5 with the last term sqrt(ln(1/delta)/(2m))."),
    source=Source(VIALLARD_WASSERSTEIN, "Theorem 5", "derived here: Azuma's inequality for losses in [0, 1]"),
    hypotheses=(PREDICTABLE, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
