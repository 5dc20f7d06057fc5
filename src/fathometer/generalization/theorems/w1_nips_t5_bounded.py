"""Online W1 PAC-Bayes, bounded losses."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import LIPSCHITZ, PREDICTABLE, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Subgradient steps on |h - z| along autoregressive data."""
    return simulated("w1_nips_t5_bounded", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The loss has no largest value."""
    return altered(example(), loss_range=(0.0, None))


THEOREM = bound_theorem(
    "w1_nips_t5_bounded",
    hypotheses=(PREDICTABLE, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
