"""One draw, exact disintegration."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """One arm drawn from each of the Gibbs posteriors over 50 arms."""
    return simulated("disint_rivasplata")


def counterexample() -> CertifiedRisk:
    """The prior has seen the points that it is certified by."""
    return altered(example(), independent=False)


THEOREM = bound_theorem(
    "disint_rivasplata",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
