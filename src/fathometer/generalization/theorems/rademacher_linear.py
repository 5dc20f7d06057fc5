"""Rademacher bound for linear classes."""

from fathometer.evidence import Trajectory
from fathometer.generalization.ledger._certificate import INDEPENDENT, LIPSCHITZ, SHUFFLED, UNIT_LOSS, Certificate
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """The unit vector with the largest gap, for points on the sphere of R^10."""
    return simulated("rademacher_linear", true_lipschitz=0.5)


def counterexample() -> Certificate:
    """The loss is twice as steep as is claimed."""
    return altered(example(), true_lipschitz=1.0)


THEOREM = bound_theorem(
    "rademacher_linear",
    hypotheses=(SHUFFLED, INDEPENDENT, UNIT_LOSS, LIPSCHITZ),
    example=example,
    counterexample=counterexample,
)
