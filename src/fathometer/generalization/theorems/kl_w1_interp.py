"""Interpolation between KL and W1."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The h in [0, 1] that exceeds the bound by most, by a Dirac law on a lattice of 11 points."""
    return simulated("kl_w1_interp", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The loss is twice as steep as is claimed."""
    return altered(example(), true_lipschitz=2.0)


THEOREM = bound_theorem(
    "kl_w1_interp",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
    uses=("maurer_seeger",),
)
