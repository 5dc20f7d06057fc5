"""W1 PAC-Bayes with data-dependent priors, second moments."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import VIALLARD_WASSERSTEIN
from fathometer.generalization.ledger._certificate import (
    INDEPENDENT,
    LIPSCHITZ,
    MOMENT,
    SHUFFLED,
    certified,
    largest_risk,
    true_risk,
)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "w1_nips_t1", largest_risk(problem))


THEOREM = Theorem(
    id="w1_nips_t1",
    theory="generalization",
    title="W1 PAC-Bayes with data-dependent priors, second moments",
    statement=(
        "For K disjoint blocks, priors P_i that do not depend on S_i, and lambda fixed in advance: with "
        "probability at least 1 - delta, every posterior rho has rho[R] <= rho[R_S] + sum_i 2 |S_i| L/m W1(rho, "
        "P_i) + (1/m) sum_i (ln(K/delta)/lambda + (lambda/2) P_i[Vhat_i + V_i])."
    ),
    source=Source(
        VIALLARD_WASSERSTEIN,
        "Theorem 1",
        "published; both terms of the sum over blocks are divided by m; an oracle bound unless the variance is known",
    ),
    hypotheses=(SHUFFLED, INDEPENDENT, LIPSCHITZ, MOMENT),
    quantity=true_risk,
    predict=predict,
)
