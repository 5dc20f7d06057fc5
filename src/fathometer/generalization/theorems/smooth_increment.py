"""Uniform convergence from increments."""

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
    """The h in [0, 1] with the largest gap, for the loss |h - z| and z uniform on [0, 1]."""
    return simulated("smooth_increment", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The centre has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "smooth_increment",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_AT_CENTRE, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
