"""Occam bound."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The best of 50 fair coins."""
    return simulated("occam", draws=2000)


def counterexample() -> CertifiedRisk:
    """The set of coins has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "occam",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
