"""Held-out bound for a stratified split."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, SHUFFLED, UNIT_LOSS, CertifiedRisk
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """A predictor that errs where the classes of the table came less often than expected."""
    return simulated("stratified_kl")


def counterexample() -> CertifiedRisk:
    """The rows of the table depend on each other."""
    return altered(example(), shuffled=False)


THEOREM = bound_theorem(
    "stratified_kl",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS),
    example=example,
    counterexample=counterexample,
)
