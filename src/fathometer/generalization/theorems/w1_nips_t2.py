"""W1 PAC-Bayes with data-dependent priors, non-negative losses."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import (
    INDEPENDENT,
    LIPSCHITZ,
    MOMENT,
    NON_NEGATIVE,
    SHUFFLED,
    CertifiedRisk,
)
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The h in [0, 1] with the largest gap, for the loss |h - z| and z uniform on [0, 1]."""
    return simulated("w1_nips_t2", true_lipschitz=1.0, true_moment=1 / 12)


def counterexample() -> CertifiedRisk:
    """The second moment at the prior is larger than is claimed."""
    return altered(example(), true_moment=2.0)


THEOREM = bound_theorem(
    "w1_nips_t2",
    hypotheses=(SHUFFLED, INDEPENDENT, NON_NEGATIVE, LIPSCHITZ, MOMENT),
    example=example,
    counterexample=counterexample,
)
