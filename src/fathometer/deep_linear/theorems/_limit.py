"""The limit of a gradient flow: what theorems ask of it, and what they measure at the end of a trajectory."""

import math

import numpy as np

from fathometer.deep_linear.dynamics.flow._flow_limit import FlowLimit, limit_of_flow, linear_limit
from fathometer.deep_linear.dynamics.flow._flow_record import Ending
from fathometer.deep_linear.model._curvature import MINIMIZER_TOLERANCE, sharpness_at_minimizer
from fathometer.deep_linear.model._flow_problem import GradientFlow, network_of
from fathometer.deep_linear.model._network import excess_risk, stored_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Estimate, Hypothesis, Problem, Trajectory

COST = "gradient flow once more, to its limit"
"""Of theorems that ask for the limit; it is kept for the next one."""
SHARPNESS_ROOM = 1e-7
"""Relative room that exact values of the limit leave for the integrator."""
_ACCURACY = 1e-8


def limit_of(problem: Problem) -> FlowLimit:
    """Where the flow of the problem ends, computed anew from its start, once.

    Raises:
        InputError: if the problem is no gradient flow.
    """
    return limit_of_flow(GradientFlow.expect(problem))


def converges(problem: Problem) -> bool | None:
    """Whether the flow converges to a global minimizer; None if it neither did nor rests elsewhere in the end."""
    ends = {str(Ending.CONVERGED): True, str(Ending.AT_REST): False}
    return ends.get(str(limit_of(problem).ending))


def end_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the minimizer that the last state is on its way to, exact; NaN if it is not next to one.

    Raises:
        InputError: if the weights were not stored.
    """
    return sharpness_at_end(network_of(trajectory.problem), trajectory)


def limit_sharpness(trajectory: Trajectory) -> Estimate:
    """`end_sharpness`, with error bars of 1e-8 of it as the sharpness of the limit of the exact flow.

    Raises:
        InputError: if the weights were not stored.
    """
    return with_accuracy(end_sharpness(trajectory))


def sharpness_at_end(network: DeepLinear, trajectory: Trajectory) -> Estimate:
    """`end_sharpness` of a run of a network, whatever its problem is.

    Raises:
        InputError: if the weights were not stored.
    """
    last = tuple(matrix[-1] for matrix in stored_weights(network, trajectory.states, "the end"))
    with np.errstate(over="ignore", invalid="ignore"):
        there = excess_risk(network, last) <= MINIMIZER_TOLERANCE * network.regression.explained
    return sharpness_at_minimizer(network, linear_limit(network, last)) if there else Estimate.exact(math.nan)


def with_accuracy(sharpness: Estimate) -> Estimate:
    """The sharpness at the end of a flow with error bars of 1e-8 of it."""
    value = float(sharpness.value)
    return Estimate.heuristic(value, value * (1 - _ACCURACY), value * (1 + _ACCURACY))


CONVERGES = Hypothesis.that("the flow converges to a global minimizer", converges)
