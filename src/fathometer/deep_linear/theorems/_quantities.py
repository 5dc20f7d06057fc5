"""What several theorems on deep linear networks measure."""

import numpy as np

from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._network import excess_risk, stored_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._minimizer_sharpness import where_minimal
from fathometer.evidence import Estimate, Trajectory


def sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of every state that is a global minimizer, NaN for the others."""
    network = DeepLinear.expect(trajectory.problem)
    weights = stored_weights(network, trajectory.states, "the sharpness")
    with np.errstate(over="ignore", invalid="ignore"):  # of a run that diverged
        excess = excess_risk(network, weights)
    values = where_minimal(
        lambda near: sharpness_at_minimizer(network, near), weights, excess, network.regression.explained
    )
    return Estimate.exact(values, along=trajectory.axis)


def smallest_so_far(sharpness: Estimate, least: float) -> Estimate:
    """What minimizers say about the smallest sharpness of any: at least a proved bound, at most that of the flattest.

    Args:
        sharpness: of each, NaN where a state is none.
        least: a proved lower bound.
    """
    values = np.asarray(sharpness.value)
    known = values[~np.isnan(values)]
    if not known.size:
        return Estimate.exact(np.nan)
    flattest = float(known.min())
    return Estimate.enclosed(flattest, min(least, flattest), flattest)
