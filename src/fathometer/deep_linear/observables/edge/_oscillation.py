"""What an oscillation of period 2 is measured by."""

import math
from collections.abc import Sequence

import numpy as np

from fathometer.deep_linear.model._curvature import hessian_vector_product
from fathometer.deep_linear.model._network import Weights, stored_weights, total_norm
from fathometer.deep_linear.model.starts._beyond_step import BeyondStep, Oscillation
from fathometer.deep_linear.model.starts._line_descent import LineDescent, line_criterion
from fathometer.evidence import Estimate, Trajectory


def line_amplitude_squared(trajectory: Trajectory) -> Estimate:
    """Half the distance of the last two points of descent on a line, squared, over the step's excess mu.

    The one before is a heuristic error bar: it shows whether the run has settled.
    """
    x = trajectory.states["x"]
    values = (np.diff(x[-3:]) / 2) ** 2 / LineDescent.expect(trajectory.problem).excess
    return Estimate.heuristic(values[-1], np.min(values), np.max(values))


def line_reach(trajectory: Trajectory) -> Estimate:
    """Largest |x| of a run on a line over sqrt(mu / (2 |A|)), the scale on which it would settle; inf if it is lost."""
    problem = LineDescent.expect(trajectory.problem)
    scale = math.sqrt(abs(problem.excess / 2 / line_criterion(problem)))
    return Estimate.exact(float(trajectory.states["farthest"][-1]) / scale)


def network_amplitude_squared(trajectory: Trajectory) -> Estimate:
    """The same for a network: half the distance of the last two weights, squared, over mu."""
    problem = BeyondStep.expect(trajectory.problem)
    layers = stored_weights(problem.network, trajectory.states, "the amplitude")
    values = [total_norm(tuple(w[i] - w[i - 1] for w in layers)) ** 2 / 4 / problem.excess for i in (-2, -1)]
    return Estimate.heuristic(values[-1], min(values), max(values))


def mean_curvature(problem: Oscillation) -> Estimate:
    """<u, H u> for the unit vector u between the two points, H the mean Hessian on the segment.

    By Gauss-Legendre quadrature with as many nodes as layers, exact for the polynomial along the segment.
    """
    nodes, shares = np.polynomial.legendre.leggauss(max(1, problem.network.depth))
    length = total_norm(problem.between) ** 2
    values = [_curvature_at(problem, (1 + node) / 2) for node in nodes]
    return Estimate.exact(float(np.dot(shares, values)) / 2 / length if length else np.nan)


def _curvature_at(problem: Oscillation, share: float) -> float:
    at = tuple(b + share * u for b, u in zip(problem.second, problem.between, strict=True))
    return _inner(hessian_vector_product(problem.network, at, problem.between), problem.between)


def _inner(first: Weights, second: Sequence[np.ndarray]) -> float:
    return float(sum(np.sum(a * b) for a, b in zip(first, second, strict=True)))
