"""Held-out test bound."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Errors of a fixed predictor of risk 0.1 on 100 held-out points."""
    return simulated("test_binomial", draws=4000)


def counterexample() -> CertifiedRisk:
    """The predictor has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "test_binomial",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
