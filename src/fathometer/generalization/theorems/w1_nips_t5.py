"""Online W1 PAC-Bayes, non-negative losses."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import (
    LIPSCHITZ,
    MOMENT,
    NON_NEGATIVE,
    PREDICTABLE,
    certified,
    largest_risk,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The mean conditional risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_nips_t5", largest_risk(problem))


THEOREM = Theorem(
    id="w1_nips_t5",
    theory="generalization",
    title="Online W1 PAC-Bayes, non-negative losses",
    statement=(
        "For any dependence, predictable priors P_i and a loss >= 0 of conditional second moment at most 1 under "
        "them: with probability at least 1 - delta, the mean over m rounds of rho_i[E_{i-1} l] is at most that of "
        "rho_i[l(., z_i)] + 2L W1(rho_i, P_i), plus sqrt(2 ln(1/delta)/m), for m fixed in advance."
    ),
    source=Source(VIALLARD_WASSERSTEIN, "Theorem 5", "published"),
    hypotheses=(PREDICTABLE, NON_NEGATIVE, LIPSCHITZ, MOMENT),
    quantity=true_risk,
    predict=predict,
)
