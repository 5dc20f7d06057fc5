"""Online W1 PAC-Bayes, second moments."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import LIPSCHITZ, MOMENT, PREDICTABLE, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Subgradient steps on |h - z| along autoregressive data; conditional variances are among the squares."""
    return simulated("w1_nips_t4", true_lipschitz=1.0, true_moment=0.0)


def counterexample() -> CertifiedRisk:
    """The prior of each round has seen the point of the round."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "w1_nips_t4",
    hypotheses=(PREDICTABLE, LIPSCHITZ, MOMENT),
    example=example,
    counterexample=counterexample,
)
