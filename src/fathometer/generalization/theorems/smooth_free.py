"""Uniform convergence without a ball."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The h in [0, 1] that exceeds the bound by most, for the loss |h - z| and z uniform on [0, 1]."""
    return simulated("smooth_free", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The centre has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "smooth_free",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
    uses=("maurer_seeger",),
)
