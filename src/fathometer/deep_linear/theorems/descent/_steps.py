"""Whether a run is one of plain descent, step by step."""

import math

import numpy as np

from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._descent_steps import constant_step
from fathometer.evidence import Axis, AxisKind, Trajectory


def are_consecutive(axis: Axis) -> bool:
    """Whether an axis counts steps and leaves none out."""
    return axis.kind is AxisKind.STEP and bool(np.all(np.diff(axis.points) == 1))


def is_descent(trajectory: Trajectory, weights: Weights) -> bool:
    """Whether the states are those of consecutive steps of plain descent with one step size."""
    step = constant_step(DeepLinear.expect(trajectory.problem), weights)
    return are_consecutive(trajectory.axis) and not math.isnan(step)
