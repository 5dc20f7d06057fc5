"""Descent from next to a minimizer: how fast a small displacement grows."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.model._curvature import even_direction, top_direction
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._displacement import log_growth
from fathometer.deep_linear.predictions._rates import descent_factors
from fathometer.evidence import Estimate, Trajectory

_STEPS, _STEPS_WITH_MOMENTUM = 20, 12
_DECIDED, _FASTEST = math.log(1000.0), 1e-3
_MOST_STEPS = 5000


def growth_per_step(network: DeepLinear, weights: Sequence[ArrayLike], step: float, iterations: int = 20) -> Estimate:
    """Log growth factor per step of a small displacement from a minimizer along its top eigenvector.

    Args:
        network: the network.
        weights: a global minimizer, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.
        iterations: number of steps, at least 1.

    Returns:
        The mean over the steps, with the least and the largest single step as heuristic error bars; log|1 - step S|
        in theory.

    Raises:
        InputError: if the weights do not fit the network or a number is out of range.
    """
    return log_growth(displaced_descent(StabilityTest(network, tuple(weights), step), iterations))  # type: ignore[arg-type]


def displaced_descent(test: StabilityTest, iterations: int | None = None) -> Trajectory:
    """Train from the weights of a test, displaced along the top eigenvector and at rest.

    Args:
        test: network, weights, step and momentum.
        iterations: number of steps, at least 1; if None, 20, or 12 with momentum.

    Returns:
        Along the steps: states W1 to WL; observed as by `descend`.

    Raises:
        InputError: if the number of iterations is out of range.
    """
    count = (_STEPS_WITH_MOMENTUM if test.momentum.beta else _STEPS) if iterations is None else iterations
    along = dataclasses.replace(test, spread=False)
    return _descent_along(along, top_direction(test.network, test.weights), count, store=True)


def spread_descent(test: StabilityTest, iterations: int | None = None) -> Trajectory:
    """The same with a displacement that moves r = sigma^{1/2} (w - w_star) equally along all its modes.

    Args:
        test: network, weights, step and momentum.
        iterations: number of steps; if None, until the slowest mode of plain descent has changed by a factor 1000, 1 to
            5000 of them.

    Returns:
        Along the steps, without states; observed as by `descend`.

    Raises:
        InputError: if the number of iterations is out of range.
    """
    if iterations is None:
        rate = abs(math.log(max(descent_factors(test.network, test.weights, test.step).max(), _FASTEST)))
        iterations = int(np.clip(_DECIDED / rate if rate else _MOST_STEPS, 1, _MOST_STEPS))
    spread = dataclasses.replace(test, spread=True)
    return _descent_along(spread, even_direction(test.network, test.weights), iterations, store=False)


def _descent_along(test: StabilityTest, direction: Weights, iterations: int, *, store: bool) -> Trajectory:
    start = [matrix + test.displacement * unit for matrix, unit in zip(test.weights, direction, strict=True)]
    run = descend(test.network, start, test.step, iterations, store=store, momentum=test.momentum)
    return dataclasses.replace(run, problem=test)
