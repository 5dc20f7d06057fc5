"""Draws of random initial weights, reduced to their risk."""

import numpy as np

from fathometer.deep_linear.model._network import excess_risk
from fathometer.deep_linear.model.starts._random_start import RandomStart
from fathometer.evidence import Axis, AxisKind, Estimate, Origin, Provenance, Trajectory, whole_number

_BATCH_NUMBERS = 2**22


def draw_risks(start: RandomStart, count: int, seed: int) -> Trajectory:
    """Draw initial weights and keep their excess risk.

    Args:
        start: network and distribution.
        count: number of draws, at least 1.
        seed: of the draws, at least 0.

    Returns:
        Along draws, observed `excess_risk`.

    Raises:
        InputError: if a number is out of range.
    """
    total, first = whole_number("count", count, at_least=1), whole_number("seed", seed, at_least=0)
    sizes = start.network.depth * max(start.width, start.network.regression.dimension) ** 2
    batch = max(1, _BATCH_NUMBERS // sizes)
    ends = range(0, total, batch)
    draws = (start.initial.draw(start.network, start.width, min(batch, total - end), [first, end]) for end in ends)
    risks = np.concatenate([excess_risk(start.network, weights) for weights in draws])
    axis = Axis(AxisKind.DRAW, np.arange(float(total)))
    observed = {"excess_risk": Estimate.exact(risks, along=axis)}
    return Trajectory(start, axis, {}, Origin.SIMULATED, observed, provenance=Provenance.here(first))
