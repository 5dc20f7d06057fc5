"""Small runs beyond the largest stable step, and problems outside of what the statements on them ask for."""

from functools import cache

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.dynamics.edge._adaptive_flow import run_at_adaptive_edge, settle_at_adaptive_edge
from fathometer.deep_linear.dynamics.edge._line_descent import run_line_descent
from fathometer.deep_linear.dynamics.edge._settled import settle, settled_oscillation
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge
from fathometer.deep_linear.model.starts._beyond_step import BeyondStep, Oscillation
from fathometer.deep_linear.model.starts._line_descent import LineDescent
from fathometer.deep_linear.model.starts._plain_descent import PlainDescent
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._minimizers import balanced_minimizer, flattest_minimizer
from fathometer.deep_linear.theorems._examples import network
from fathometer.evidence import Trajectory

_LITTLE = 0.02
_WIDTH = 2


def oscillating_line_problem() -> LineDescent:
    """The scalar network of depth 3, a hundredth beyond its largest stable step."""
    return LineDescent.scalar_network(3, _LITTLE, 0.05)


@cache
def oscillating_line() -> Trajectory:
    """Descent there, until it has settled."""
    return run_line_descent(oscillating_line_problem(), 2000)


def jumping_line_problem() -> LineDescent:
    """F = x^2 / 2 + x^4 / 24, steeper than its parabola: 3 f'''^2 = 0 < f'''' f''."""
    return LineDescent(np.array([1.0, 0.0, 1.0]), 2 + 1e-4, 0.01)


@cache
def jumping_line() -> Trajectory:
    """Descent there, until it is far away."""
    return run_line_descent(jumping_line_problem(), 100_000)


def _beyond(weights: Weights) -> BeyondStep:
    problem = network()
    return BeyondStep(problem, weights, (1 + _LITTLE / 2) * float(critical_step(minimal_sharpness(problem)).value))


@cache
def settled() -> Trajectory:
    """Descent next to the flattest minimizer of a network, a hundredth beyond its largest stable step."""
    return settle(_beyond(flattest_minimizer(network(), _WIDTH)))


def not_flattest() -> BeyondStep:
    """The same next to the balanced minimizer, which is sharper."""
    return _beyond(balanced_minimizer(network(), _WIDTH))


@cache
def oscillation() -> Trajectory:
    """The two points of the settled run."""
    return settled_oscillation(_beyond(flattest_minimizer(network(), _WIDTH)))


def no_oscillation() -> Oscillation:
    """Two minimizers, which a step does not connect."""
    flattest, balanced = (make(network(), _WIDTH) for make in (flattest_minimizer, balanced_minimizer))
    return Oscillation(network(), flattest, balanced, 0.1)


@cache
def scalar_oscillation() -> Trajectory:
    """Descent of three unequal scalar layers on its way to a flatter minimizer."""
    scalar = DeepLinear(Regression(np.eye(1), np.ones(1)), 3)
    start = tuple(np.full((1, 1), value) for value in (1.5, 0.8, 0.9))
    return DescentPath(scalar, start, 0.32, 60).run


def wide_descent() -> PlainDescent:
    """Descent of layers that are matrices."""
    return PlainDescent(network(), flattest_minimizer(network(), _WIDTH), 0.01, 5)


def _centre() -> tuple[DeepLinear, Weights]:
    """A fast direction that is learnt, and one that is slow."""
    problem = DeepLinear(Regression(np.diag([1.0, 0.003]), np.array([1.0, 1.5])), 2)
    return problem, (np.array([[1.0, 0.2]]), np.array([[1.0]]))


@cache
def rmsprop_at_edge() -> Trajectory:
    """Scalar RMSProp at the edge of stability."""
    return run_at_adaptive_edge(settle_at_adaptive_edge(*_centre(), 0.01, 0.95), 400)


def rmsprop_below_edge() -> AdaptiveEdge:
    """A scale that is far too large for it."""
    return AdaptiveEdge(*_centre(), variance=1.0, step=0.01, beta2=0.95)
