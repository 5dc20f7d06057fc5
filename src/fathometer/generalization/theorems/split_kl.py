"""PAC-Bayes-split-kl bound."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Gibbs posteriors over 50 arms with losses 0, 1/2 and 1."""
    return simulated("split_kl")


def counterexample() -> CertifiedRisk:
    """The prior has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "split_kl",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
