"""One draw, Renyi disintegration."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """One arm drawn from each of the Gibbs posteriors over 50 arms."""
    return simulated("disint_renyi")


def counterexample() -> CertifiedRisk:
    """The loss reaches 3."""
    return altered(example(), loss_range=(0.0, 3.0))


THEOREM = bound_theorem(
    "disint_renyi",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
