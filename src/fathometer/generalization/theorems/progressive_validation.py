"""Progressive validation, carried over by the Lipschitz constant."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import LIPSCHITZ, PREDICTABLE, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Subgradient steps on |h - z| along autoregressive data."""
    return simulated("progressive_validation", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The predictor of each round has seen the point of the round."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "progressive_validation",
    hypotheses=(PREDICTABLE, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
