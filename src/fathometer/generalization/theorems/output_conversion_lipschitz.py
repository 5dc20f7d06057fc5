"""Conversion through the output for Lipschitz losses of the score."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The predictor with the largest gap of a family that fits the sample, for points on the sphere of R^10."""
    return simulated("output_conversion_lipschitz", true_lipschitz=0.5)


def counterexample() -> CertifiedRisk:
    """The loss is twice as steep as is claimed."""
    return altered(example(), true_lipschitz=1.0)


THEOREM = bound_theorem(
    "output_conversion_lipschitz",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
    uses=("maurer_seeger",),
)
