"""W1 with a rate on finite classes."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The posterior on 41 predictors that exceeds the bound by most, for the loss |h - z|."""
    return simulated("w1_amit_finite", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The prior has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "w1_amit_finite",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
