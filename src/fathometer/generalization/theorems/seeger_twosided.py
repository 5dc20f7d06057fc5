"""Seeger's bound on both sides."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Gibbs posteriors over 50 arms with risks from 0.1 to 0.6."""
    return simulated("seeger_twosided")


def counterexample() -> CertifiedRisk:
    """The rows are in the order of time."""
    return altered(example(), shuffled=False)


THEOREM = bound_theorem(
    "seeger_twosided",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
    uses=("maurer_seeger",),
)
