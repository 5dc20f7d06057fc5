"""Non-negative losses by supermartingale."""

from dataclasses import replace

from fathometer.evidence import Trajectory
from fathometer.generalization.coverage.arms import MEANS
from fathometer.generalization.ledger._certified_risk import (
    INDEPENDENT,
    MARTINGALE,
    MOMENT,
    NON_NEGATIVE,
    CertifiedRisk,
)
from fathometer.generalization.theorems._bound_theorem import bound_theorem
from fathometer.generalization.theorems._examples import altered, simulated


def example() -> Trajectory:
    """Gibbs posteriors over 50 arms with risks from 0.1 to 0.6, so that no second moment exceeds 0.6."""
    run, largest = simulated("supermart_nonneg"), float(MEANS.max())
    inputs = {**CertifiedRisk.expect(run.problem).inputs, "second_moment": largest}
    return replace(run, problem=altered(run, inputs=inputs, true_moment=largest))


def counterexample() -> CertifiedRisk:
    """The loss may be negative."""
    return altered(example(), loss_range=(-0.5, 1.0))


THEOREM = bound_theorem(
    "supermart_nonneg",
    hypotheses=(MARTINGALE, INDEPENDENT, NON_NEGATIVE, MOMENT),
    example=example,
    counterexample=counterexample,
)
