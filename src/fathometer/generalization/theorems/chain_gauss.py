"""Uniform convergence by Gaussian chaining."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import AUDIBERT
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
    return certified(problem, "chain_gauss")


THEOREM = Theorem(
    id="chain_gauss",
    theory="generalization",
    title="Uniform convergence by Gaussian chaining",
    statement=(
        "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) plus a sum over "
        "scales that is of order L B sqrt(d/m), without a logarithm of m."
    ),
    source=Source(AUDIBERT, "in the spirit of", "derived here: PAC-Bayes for coupled pairs, one delta for each scale"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
