"""Certificates on simulated samples whose true risks are known, as the coverage experiments draw them."""

import functools
from dataclasses import replace
from typing import Any

import numpy as np

from fathometer.evidence import Axis, AxisKind, Origin, Trajectory
from fathometer.generalization.coverage import EXPERIMENTS
from fathometer.generalization.ledger._certified_risk import CertifiedRisk

DELTA, SEED = 0.05, 5


@functools.cache
def simulated(name: str, draws: int = 400, **known: float) -> Trajectory:
    """Run the first honest coverage experiment of a bound.

    Args:
        name: id of the bound.
        draws: number of samples; a bound that hardly ever fails needs some 400 to be seen to hold, a sharp one more.
        **known: what is proved of the loss of that experiment: `true_lipschitz`, `true_moment`.
    """
    experiment = next(each for each in EXPERIMENTS if each.bound == name and not each.control)
    inputs, risk = experiment.simulate(np.random.default_rng(SEED), draws)
    certificate = CertifiedRisk(name, inputs, DELTA, True, True, (0.0, experiment.largest), **known)
    states = {"risk": np.array(np.broadcast_to(risk, draws), np.float64)}
    return Trajectory(certificate, Axis(AxisKind.DRAW, np.arange(float(draws))), states, Origin.SIMULATED)


def altered(run: Trajectory, **changes: Any) -> CertifiedRisk:
    """The certificates of a run, with something else known about their assumptions.

    Args:
        run: certificates with their risks.
        **changes: fields of `CertifiedRisk`.
    """
    return replace(CertifiedRisk.expect(run.problem), **changes)
