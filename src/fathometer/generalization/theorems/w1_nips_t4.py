"""Online W1 PAC-Bayes, second moments."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import (
    LIPSCHITZ,
    MOMENT,
    PREDICTABLE,
    certified,
    largest_risk,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The mean conditional risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_nips_t4", largest_risk(problem))


THEOREM = Theorem(
    id="w1_nips_t4",
    theory="generalization",
    title="Online W1 PAC-Bayes, second moments",
    statement=(
        "For any dependence, predictable priors P_i, any posteriors rho_i and lambda fixed in advance: with "
        "probability at least 1 - delta, the mean over m rounds of rho_i[E_{i-1} l] is at most that of rho_i[l(., "
        "z_i)] + 2L W1(rho_i, P_i) + (lambda/2) P_i[Vhat_i + V_i], plus ln(1/delta)/(lambda m)."
    ),
    source=Source(VIALLARD_WASSERSTEIN, "Theorem 4", "published"),
    hypotheses=(PREDICTABLE, LIPSCHITZ, MOMENT),
    quantity=true_risk,
    predict=predict,
)
