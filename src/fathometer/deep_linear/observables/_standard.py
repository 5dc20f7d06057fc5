"""What can be measured on the weights of any trajectory, trained or recorded."""

from collections.abc import Mapping

from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._network import excess_risk, from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Estimate, Observable, Problem


def measure_excess_risk(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """Risk above its minimum for states W1 to WL."""
    network = DeepLinear.expect(problem)
    return Estimate.exact(excess_risk(network, from_states(network, states)))


def measure_sharpness(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """Sharpness of states W1 to WL that are global minimizers.

    Raises:
        InputError: if a state is no global minimizer.
    """
    network = DeepLinear.expect(problem)
    return sharpness_at_minimizer(network, from_states(network, states))


EXCESS_RISK = Observable("excess_risk", "risk", "R(W) - R_min = (w - w_star)^T sigma (w - w_star)", measure_excess_risk)
SHARPNESS = Observable("sharpness", "risk / weight^2", "top Hessian eigenvalue at global minimizers", measure_sharpness)
