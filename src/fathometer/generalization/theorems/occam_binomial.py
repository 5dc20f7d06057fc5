"""Occam bound, exact binomial tail."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The best of 30 fair coins of equal weight."""
    return simulated("occam_binomial", draws=4000)


def counterexample() -> CertifiedRisk:
    """The set of coins has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "occam_binomial",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
