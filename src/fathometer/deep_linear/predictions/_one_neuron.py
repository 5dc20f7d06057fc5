"""Plain networks with one neuron per layer: where gradient flow ends is known from what it conserves."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from fathometer.deep_linear.model._network import as_weights, excess_risk
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Estimate, InputError, Problem


@dataclass(frozen=True, eq=False)
class OneNeuron(Problem):
    """Gradient flow of f(x) = (u . x) v_2 ... v_L from given weights.

    Attributes:
        network: plain, of depth at least 2.
        weights: u of shape (1, d) and v_k of shape (1, 1) at time 0.

    Raises:
        InputError: if the network has a readout or depth 1, w_star is zero, or the weights have other shapes.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        if self.network.readout is not None or self.network.depth < 2:
            raise InputError("one neuron per layer needs a plain network of depth at least 2")
        if self.network.regression.norm == 0:
            raise InputError("w_star must not be zero")
        weights = as_weights(self.network, self.weights)
        for k, matrix in enumerate(weights, start=1):
            if matrix.ndim != 2 or len(matrix) != 1:
                raise InputError(f"W_{k} must have one row, got shape {matrix.shape}")
        object.__setattr__(self, "weights", weights)

    @property
    def excess(self) -> float:
        """R(0) - R_min at the start."""
        return float(excess_risk(self.network, self.weights))

    @cached_property
    def limit_squares(self) -> NDArray[np.float64]:
        """|u|^2, v_2^2, ..., v_L^2 of the minimizer that conserves their differences, shape (L,).

        Derived: with the smallest of them unknown, their product is m^2, which one number solves.
        """
        start = np.array([float(np.sum(matrix**2)) for matrix in self.weights])
        above, target = start - start.min(), 2 * math.log(self.network.regression.norm)

        def surplus(log_least: float) -> float:
            return float(np.sum(np.log(math.exp(log_least) + above))) - target

        low = target / self.network.depth - math.log1p(above.max()) * self.network.depth - 1
        while surplus(low) > 0:
            low -= 10.0
        least = math.exp(float(brentq(surplus, low, target / self.network.depth, xtol=1e-15)))  # type: ignore[arg-type]
        return least + above

    @property
    def curvatures(self) -> tuple[float, float]:
        """Factors x, y such that half the Hessian at the limit has the nonzero eigenvalues of x sigma + y q q^T."""
        squares = self.limit_squares
        return float(np.prod(squares[1:])), float(np.sum(1 / squares[1:]))


def one_neuron_sharpness(problem: OneNeuron) -> Estimate:
    """Sharpness of the minimizer that gradient flow converges to.

    Derived: 2 lambda_max(v_2^2 ... v_L^2 sigma + sum_k v_k^{-2} q q^T) at the limit, if that is a minimizer. From a
    balanced start it is `balanced_sharpness`; for L = 2, v^2 = (sqrt(C^2 + 4 m^2) - C) / 2 where C = |u|^2 - v^2.
    """
    data, (x, y) = problem.network.regression, problem.curvatures
    return Estimate.exact(2 * np.linalg.eigvalsh(x * data.sigma + y * np.outer(data.q, data.q))[-1])


def one_neuron_bounds(problem: OneNeuron) -> tuple[float, float]:
    """Bounds on `one_neuron_sharpness`: 2 (x lambda_max + y q_1^2) and 2 (x lambda_max + y |q|^2), x, y = `curvatures`.

    Source: Yoo, Song and Yun (2025), in the units of this loss, where x = m^{2-2/L} and y = (L-1) m^{-2/L} for balanced
    weights. Derived for all weights: the value at the top eigenvector of sigma, and Weyl's inequality.
    """
    data, (x, y) = problem.network.regression, problem.curvatures
    top = x * data.lambda_max
    return 2 * (top + y * float(data.q_modes[-1]) ** 2), 2 * (top + y * data.explained)
