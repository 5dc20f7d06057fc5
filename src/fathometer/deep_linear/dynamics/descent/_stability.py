"""Linear stability of descent at one minimizer: how fast a small displacement grows."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.descent._step_scan import total_norm
from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.model._curvature import even_direction, pulled_back, top_direction, whitened_kernel
from fathometer.deep_linear.model._network import Weights, as_weights, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions._rates import descent_factors
from fathometer.evidence import Estimate, InputError, Problem, Trajectory, finite_number

_DISPLACEMENT = 1e-8
_DECIDED, _FASTEST = math.log(1000.0), 1e-3
_MOST_STEPS = 5000
_CAUTION = 16  # on the rounding of a step
_CLEAR = 1e4  # lengths above the resolution are known to the digits that a rate is judged to


@dataclass(frozen=True, eq=False)
class StabilityTest(Problem):
    """Descent with one step size next to given weights.

    Attributes:
        network: the network and its data.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}); a theorem asks that they are a global minimizer.
        step: step size, positive.
        spread: whether the displacement moves all modes of r = sigma^{1/2} (w - w_star) equally, instead of the weights
            along the top eigenvector.

    Raises:
        InputError: if the weights do not fit the network, are all zero, or the step is not positive.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    step: float
    spread: bool = False

    def __post_init__(self) -> None:
        weights = as_weights(self.network, self.weights)
        if weights[0].ndim != 2:
            raise InputError(f"weights must have no batch axis, got W_1 of shape {weights[0].shape}")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))


def growth_per_step(network: DeepLinear, weights: Sequence[ArrayLike], step: float, iterations: int = 20) -> Estimate:
    """Log growth factor per step of a small displacement from a minimizer along its top eigenvector.

    Args:
        network: the network.
        weights: a global minimizer, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.
        iterations: number of steps.

    Returns:
        The mean over the steps, with the least and the largest single step as heuristic error bars; log|1 - step S|
        in theory.

    Raises:
        InputError: if the weights do not fit the network or a number is out of range.
    """
    return log_growth(displaced_descent(StabilityTest(network, tuple(weights), step), iterations))  # type: ignore[arg-type]


def displaced_descent(test: StabilityTest, iterations: int = 20) -> Trajectory:
    """Train from the weights of a test, displaced along the top eigenvector by 1e-8 of their norm.

    Raises:
        InputError: if the number of iterations is out of range.
    """
    test = dataclasses.replace(test, spread=False)
    return _descent_along(test, top_direction(test.network, test.weights), iterations)


def spread_descent(test: StabilityTest, iterations: int | None = None) -> Trajectory:
    """The same with a displacement that moves r = sigma^{1/2} (w - w_star) equally along all its modes.

    Args:
        test: network, weights and step.
        iterations: number of steps; if None, until the slowest mode has changed by a factor 1000, 1 to 5000 of them.

    Raises:
        InputError: if the number of iterations is out of range.
    """
    if iterations is None:
        rate = abs(math.log(max(descent_factors(test.network, test.weights, test.step).max(), _FASTEST)))
        iterations = int(np.clip(_DECIDED / rate if rate else _MOST_STEPS, 1, _MOST_STEPS))
    test = dataclasses.replace(test, spread=True)
    return _descent_along(test, even_direction(test.network, test.weights), iterations)


def unstable_directions(network: DeepLinear, weights: Sequence[ArrayLike], step: float) -> list[Weights]:
    """Unit Hessian eigenvectors at a minimizer along which a displacement grows, |1 - step mu| > 1.

    Raises:
        InputError: if the weights do not fit the network.
    """
    read = as_weights(network, weights)
    eigenvalues, vectors = np.linalg.eigh(whitened_kernel(network, read))
    grow = np.abs(1 - 2 * step * eigenvalues) > 1
    ways = [pulled_back(network, read, network.regression.half.T @ x) for x in vectors.T[grow]]
    return [tuple(matrix / total_norm(way) for matrix in way) for way in ways]


def _descent_along(test: StabilityTest, direction: Weights, iterations: int) -> Trajectory:
    length = _DISPLACEMENT * total_norm(test.weights)
    start = [matrix + length * unit for matrix, unit in zip(test.weights, direction, strict=True)]
    return dataclasses.replace(descend(test.network, start, test.step, iterations), problem=test)


def resolution(test: StabilityTest) -> float:
    """Length of r = sigma^{1/2} (w - w_star) below which a displaced run shows rounding and second-order terms.

    Derived: the weights are rounded to eps |W|, which moves r by sqrt(S) eps |W|; the product of L layers adds
    L eps sqrt(lambda_max) |w|, and the square of a displacement of 1e-8 L^2 1e-16 sqrt(lambda_max) |w|.
    """
    network, size = test.network, total_norm(test.weights)
    eps, depth = float(np.finfo(float).eps), network.depth
    scale = math.sqrt(network.regression.lambda_max) * float(np.linalg.norm(product(test.weights, network.output)))
    top = max(float(np.linalg.eigvalsh(whitened_kernel(network, test.weights))[-1]), 0.0)
    return scale * ((depth * _DISPLACEMENT) ** 2 + _CAUTION * depth * eps) + math.sqrt(2 * top) * eps * size


def lengths(trajectory: Trajectory) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Lengths of r along a displaced run, and their lower and upper ends by the resolution, each of shape (T,)."""
    found = np.sqrt(np.asarray(trajectory.observed["excess_risk"].value))
    blur = resolution(StabilityTest.expect(trajectory.problem))
    return found, np.maximum(found - blur, 0.0), found + blur


def log_growth(trajectory: Trajectory) -> Estimate:
    """Log growth per step of the displacement, as long as it is 10 000 times what rounding and squares leave.

    The least and the largest single step are heuristic error bars. A displacement that is lost in the first step has
    grown by at most what is left, and an unknown amount less.
    """
    found, low, high = lengths(trajectory)
    steps, blur = np.diff(trajectory.axis.points), high[0] - found[0]
    clear = int(np.argmin(np.append(found[1:] > _CLEAR * blur, False)))
    with np.errstate(divide="ignore", invalid="ignore"):
        if not clear:
            ratios = (found[1] / found[0], 0.0, high[1] / low[0])
            return Estimate.heuristic(*(np.log(ratio) / steps[0] for ratio in ratios))
        rates = np.diff(np.log(found[: clear + 1])) / steps[:clear]
    return Estimate.heuristic(np.mean(rates), np.min(rates), np.max(rates))
