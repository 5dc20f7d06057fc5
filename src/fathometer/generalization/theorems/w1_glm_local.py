"""W1 with a rate on linear models."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import (
    INDEPENDENT,
    LIPSCHITZ,
    SHUFFLED,
    UNIT_AT_CENTRE,
    CertifiedRisk,
)
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The vector of norm at most 1 that exceeds the bound by most, for points on the sphere of R^10."""
    return simulated("w1_glm_local", true_lipschitz=0.5)


def counterexample() -> CertifiedRisk:
    """The loss is twice as steep as is claimed."""
    return altered(example(), true_lipschitz=1.0)


THEOREM = bound_theorem(
    "w1_glm_local",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
