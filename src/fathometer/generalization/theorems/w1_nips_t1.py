"""W1 PAC-Bayes with data-dependent priors, second moments."""

from fathometer.evidence import Trajectory
from fathometer.generalization.coverage.moments import VARIANCE
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, MOMENT, SHUFFLED, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Loss |z| for z of Student's law with 3 degrees of freedom, whose variance is known."""
    return simulated("w1_nips_t1", true_lipschitz=1.0, true_moment=VARIANCE)


def counterexample() -> CertifiedRisk:
    """The variance is twice as large as is claimed."""
    return altered(example(), true_moment=2 * VARIANCE)


THEOREM = bound_theorem(
    "w1_nips_t1",
    hypotheses=(SHUFFLED, INDEPENDENT, LIPSCHITZ, MOMENT),
    example=example,
    counterexample=counterexample,
)
