"""W1 PAC-Bayes with data-dependent priors, bounded losses."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
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
    return certified(problem, "w1_nips_t3")


THEOREM = Theorem(
    id="w1_nips_t3",
    theory="generalization",
    title="W1 PAC-Bayes with data-dependent priors, bounded losses",
    statement=(
        "For K equal blocks and priors P_i that do not depend on S_i: with probability at least 1 - delta, every "
        "posterior rho has rho[R] <= rho[R_S] + sum_i 2 |S_i| L/m W1(rho, P_i) + sqrt(K ln(K/delta)/(2m))."
    ),
    source=Source(VIALLARD_WASSERSTEIN, "Theorem 3", "published"),
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
