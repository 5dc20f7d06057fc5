"""Online W1 PAC-Bayes, non-negative losses."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import LIPSCHITZ, MOMENT, NON_NEGATIVE, PREDICTABLE, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Subgradient steps on |h - z| along autoregressive data, with losses of at most 0.9."""
    return simulated("w1_nips_t5", true_lipschitz=1.0, true_moment=0.81)


def counterexample() -> CertifiedRisk:
    """The conditional second moment exceeds 1."""
    return altered(example(), true_moment=2.0)


THEOREM = bound_theorem(
    "w1_nips_t5",
    hypotheses=(PREDICTABLE, NON_NEGATIVE, LIPSCHITZ, MOMENT),
    example=example,
    counterexample=counterexample,
)
