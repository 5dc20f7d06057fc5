"""Time-uniform coin betting."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import JANG
from fathometer.generalization.ledger._certificate import INDEPENDENT, MARTINGALE, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "coinbet_kl")


THEOREM = Theorem(
    id="coinbet_kl",
    theory="generalization",
    title="Time-uniform coin betting",
    statement=(
        "With probability at least 1 - delta, at every sample size at once, every posterior has Gibbs risk "
        "at most kl^-1(rho[R_n], (KL + ln(KT(n)/delta))/n)."
    ),
    source=Source(JANG, "same family", "derived here: Ville's inequality for the Beta(1/2, 1/2) mixture"),
    hypotheses=(MARTINGALE, INDEPENDENT, UNIT_LOSS),
    quantity=true_risk,
    predict=predict,
)
