"""Increments at all radii."""

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
    """The h in [0, 1] that exceeds the bound by most, for the loss |h - z| and z uniform on [0, 1]."""
    return simulated("smooth_increment_peeled", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The loss reaches 3."""
    return altered(example(), loss_range=(0.0, 3.0))


THEOREM = bound_theorem(
    "smooth_increment_peeled",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
    uses=("smooth_increment",),
)
