"""Mean of a Gaussian posterior."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The h in [0, 1] with the largest gap, by its posterior N(h, 0.02^2)."""
    return simulated("smooth_mean", true_lipschitz=1.0)


def counterexample() -> CertifiedRisk:
    """The prior has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "smooth_mean",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
    uses=("maurer_seeger",),
)
