"""Held-out bounds for several classes at once."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The class of a fixed predictor, of ten, whose limit is exceeded by most."""
    return simulated("simultaneous_binomial", draws=2000)


def counterexample() -> CertifiedRisk:
    """The predictor has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "simultaneous_binomial",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
