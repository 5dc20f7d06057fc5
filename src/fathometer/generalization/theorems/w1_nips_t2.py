"""W1 PAC-Bayes with data-dependent priors, non-negative losses."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import (
    INDEPENDENT,
    LIPSCHITZ,
    MOMENT,
    NON_NEGATIVE,
    SHUFFLED,
    certified,
    largest_risk,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_nips_t2", largest_risk(problem))


THEOREM = Theorem(
    id="w1_nips_t2",
    theory="generalization",
    title="W1 PAC-Bayes with data-dependent priors, non-negative losses",
    statement=(
        "For K equal blocks, priors P_i that do not depend on S_i, and a loss >= 0 of second moment at most C "
        "under the priors: with probability at least 1 - delta, every posterior rho has rho[R] <= rho[R_S] + sum_i"
        " 2 |S_i| L/m W1(rho, P_i) + sqrt(2 K C ln(K/delta)/m)."
    ),
    source=Source(VIALLARD_WASSERSTEIN, "Theorem 2", "published, with C in place of 1"),
    hypotheses=(SHUFFLED, INDEPENDENT, NON_NEGATIVE, LIPSCHITZ, MOMENT),
    quantity=true_risk,
    predict=predict,
)
