"""Uniform convergence from W1 PAC-Bayes without a union over the blocks."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The h in [0, 1] with the largest gap, by its distance from the medians of all blocks but one."""
    return simulated("w1_route_a_improved", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The prior of each block has seen the block."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "w1_route_a_improved",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
