"""Transport of the prior's certificate."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import FATHOMETER
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
    return certified(problem, "risk_transport")


THEOREM = Theorem(
    id="risk_transport",
    theory="generalization",
    title="Transport of the prior's certificate",
    statement=(
        "With probability at least 1 - delta, every h has risk at most the certificate of the prior plus L d(h, prior)."
    ),
    source=Source(FATHOMETER, "risk transport", "derived here: never above the bound of w1_route_a"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
