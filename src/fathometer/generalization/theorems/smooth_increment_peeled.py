"""Increments at all radii."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import FATHOMETER
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
    return certified(problem, "smooth_increment_peeled")


THEOREM = Theorem(
    id="smooth_increment_peeled",
    theory="generalization",
    title="Increments at all radii",
    statement=(
        "With probability at least 1 - delta, every h in R^d satisfies the bound of increments in the "
        "smallest ball B_0 2^j that holds it, at delta/((j+1)(j+2))."
    ),
    source=Source(FATHOMETER, "smoothing of increments, peeled", "derived here: union bound over the radii"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
