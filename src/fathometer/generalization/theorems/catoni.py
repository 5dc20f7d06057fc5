"""Catoni's bound."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Gibbs posteriors over 50 arms with risks from 0.1 to 0.6."""
    return simulated("catoni")


def counterexample() -> CertifiedRisk:
    """The loss reaches 3."""
    return altered(example(), loss_range=(0.0, 3.0))


THEOREM = bound_theorem(
    "catoni",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
