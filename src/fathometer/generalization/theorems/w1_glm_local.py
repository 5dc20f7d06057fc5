"""W1 with a rate on linear models."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import BARTLETT
from fathometer.generalization.ledger._certificate import (
    INDEPENDENT,
    LIPSCHITZ,
    SHUFFLED,
    UNIT_AT_CENTRE,
    certified,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_glm_local")


THEOREM = Theorem(
    id="w1_glm_local",
    theory="generalization",
    title="W1 with a rate on linear models",
    statement=(
        "With probability at least 1 - delta, every w of a generalized linear model has risk at most R_S(w) "
        "+ sqrt(ln(2/delta)/(2m)) + L X r (2 + sqrt(2 ln(2(j+1)(j+2)/delta)))/sqrt(m), r = r_0 2^j >= |w - "
        "w_0|."
    ),
    source=Source(BARTLETT, "contraction, localised", "derived here: Ledoux-Talagrand contraction, McDiarmid, peeling"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
