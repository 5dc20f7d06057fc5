"""Rademacher bound for linear classes."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The unit vector with the largest gap, for points on the sphere of R^10."""
    return simulated("rademacher_linear", true_lipschitz=0.5)


def counterexample() -> CertifiedRisk:
    """The loss is twice as steep as is claimed."""
    return altered(example(), true_lipschitz=1.0)


THEOREM = bound_theorem(
    "rademacher_linear",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
