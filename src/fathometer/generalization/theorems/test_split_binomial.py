"""Held-out bound for losses with few values."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """A fixed predictor with losses 0, 1/4 and 1."""
    return simulated("test_split_binomial")


def counterexample() -> CertifiedRisk:
    """The predictor has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "test_split_binomial",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
