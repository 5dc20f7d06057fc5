"""Sample compression, exact binomial tail."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The row, of 100, whose coin fits the others best."""
    return simulated("compression_binomial", draws=2000)


def counterexample() -> CertifiedRisk:
    """The map from rows to predictors was made with the sample."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "compression_binomial",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
