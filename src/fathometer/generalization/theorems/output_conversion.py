"""Conversion through the output: every linear classifier at once."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The classifier with the largest gap of a family that fits the sample, for points on the sphere of R^10."""
    return simulated("output_conversion")


def counterexample() -> CertifiedRisk:
    """The prior mean has seen the points that certify."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "output_conversion",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
    uses=("maurer_seeger",),
)
