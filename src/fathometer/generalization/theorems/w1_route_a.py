"""Uniform convergence from W1 PAC-Bayes."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The h in [0, 1] that exceeds the bound by most, for the loss |h - z| and z uniform on [0, 1]."""
    return simulated("w1_route_a", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The loss is twice as steep as is claimed."""
    return altered(example(), true_lipschitz=2.0)


THEOREM = bound_theorem(
    "w1_route_a",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
    uses=("w1_nips_t3",),
)
