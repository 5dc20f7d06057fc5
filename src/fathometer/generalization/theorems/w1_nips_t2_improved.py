"""W1 PAC-Bayes for non-negative losses without a union over the blocks."""

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
    """The h in [0, 1] with the largest gap, by its distance from the medians of all blocks but one."""
    return simulated("w1_nips_t2_improved", true_lipschitz=1.0, true_moment=0.5)


def counterexample() -> CertifiedRisk:
    """The loss may be negative."""
    return altered(example(), loss_range=(-0.5, 1.0))


THEOREM = bound_theorem(
    "w1_nips_t2_improved",
    hypotheses=(SHUFFLED, INDEPENDENT, NON_NEGATIVE, LIPSCHITZ, MOMENT),
    example=example,
    counterexample=counterexample,
    uses=("w1_nips_t2",),
)
