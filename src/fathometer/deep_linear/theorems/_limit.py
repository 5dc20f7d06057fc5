"""The limit of a gradient flow: what theorems ask of it, and what they measure at the end of a trajectory."""

import math

from fathometer.deep_linear.dynamics.flow._flow_limit import FlowLimit, limit_of_flow, linear_limit
from fathometer.deep_linear.dynamics.flow._flow_record import Ending
from fathometer.deep_linear.model._curvature import MINIMIZER_TOLERANCE, sharpness_at_minimizer
from fathometer.deep_linear.model._flow_problem import GradientFlow, network_of
from fathometer.deep_linear.model._network import excess_risk, from_states
from fathometer.evidence import NO, Estimate, Hypothesis, InputError, Problem, Trajectory

_ACCURACY = 1e-8


def limit_of(problem: Problem) -> FlowLimit:
    """Where the flow of the problem ends, computed anew from its start, once.

    Raises:
        InputError: if the problem is no gradient flow.
    """
    return limit_of_flow(GradientFlow.expect(problem))


def limit_gap(problem: Problem) -> Estimate:
    """0 if the flow converges to a global minimizer, inf if it rests elsewhere, NaN if it did neither in the end."""
    gaps = {str(Ending.CONVERGED): 0.0, str(Ending.AT_REST): math.inf}
    return Estimate.exact(gaps.get(str(limit_of(problem).ending), math.nan))


def end_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the minimizer that the last state is on its way to, exact; NaN if it is not next to one.

    Raises:
        InputError: if the weights were not stored.
    """
    network = network_of(trajectory.problem)
    try:
        last = tuple(matrix[-1] for matrix in from_states(network, trajectory.states))
    except KeyError as error:
        raise InputError(f"the end needs the weights, but state {error} was not stored") from error
    if not excess_risk(network, last) <= MINIMIZER_TOLERANCE * network.regression.explained:
        return Estimate.exact(math.nan)
    return sharpness_at_minimizer(network, linear_limit(network, last))


def limit_sharpness(trajectory: Trajectory) -> Estimate:
    """`end_sharpness`, with error bars of 1e-8 of it as the sharpness of the limit of the exact flow.

    Raises:
        InputError: if the weights were not stored.
    """
    value = float(end_sharpness(trajectory).value)
    return Estimate.heuristic(value, value * (1 - _ACCURACY), value * (1 + _ACCURACY))


CONVERGES = Hypothesis("the flow converges to a global minimizer", NO, limit_gap)
SHARPNESS_ROOM = 1e-7
"""Relative room that exact values of the limit leave for the integrator."""
