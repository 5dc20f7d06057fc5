"""Time-uniform coin betting."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, MARTINGALE, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Gibbs posteriors over 50 arms with risks from 0.1 to 0.6."""
    return simulated("coinbet_kl")


def counterexample() -> CertifiedRisk:
    """The mean of the loss drifts."""
    return altered(example(), shuffled=False)


THEOREM = bound_theorem(
    "coinbet_kl",
    hypotheses=(MARTINGALE, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
