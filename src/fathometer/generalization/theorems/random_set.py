"""Random sets of predictors."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The fair coin with the largest gap, of a set of 20 that no data chose."""
    return simulated("random_set")


def counterexample() -> CertifiedRisk:
    """The law of the set has seen the sample."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "random_set",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
