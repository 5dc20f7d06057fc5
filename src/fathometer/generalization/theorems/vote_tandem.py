"""Majority vote, tandem loss."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Votes of 7 members with dependent errors."""
    return simulated("vote_tandem")


def counterexample() -> CertifiedRisk:
    """The members have seen the points that they are measured on."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "vote_tandem",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
