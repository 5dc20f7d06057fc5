"""Uniform convergence from increments."""

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
    return certified(problem, "smooth_increment")


THEOREM = Theorem(
    id="smooth_increment",
    theory="generalization",
    title="Uniform convergence from increments",
    statement=(
        "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) plus terms that "
        "scale with L B plus one Hoeffding term at the centre, where alone the loss must be bounded."
    ),
    source=Source(FATHOMETER, "smoothing of increments", "derived here: the increments of the gap are sub-Gaussian"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
