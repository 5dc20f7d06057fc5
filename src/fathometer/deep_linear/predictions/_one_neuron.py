"""Plain networks with one neuron per layer: where gradient flow ends is known from what it conserves."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from fathometer.deep_linear.model.starts._one_neuron import OneNeuron
from fathometer.evidence import Estimate


def one_neuron_limit(problem: OneNeuron) -> NDArray[np.float64]:
    """|u|^2, v_2^2, ..., v_L^2 of the minimizer that conserves their differences, shape (L,).

    Derived: with the smallest of them unknown, their product is m^2, which one number solves.
    """
    start = np.array([float(np.sum(matrix**2)) for matrix in problem.weights])
    above, target, depth = start - start.min(), 2 * math.log(problem.network.regression.norm), problem.network.depth

    def surplus(log_least: float) -> float:
        return float(np.sum(np.log(math.exp(log_least) + above))) - target

    low = target / depth - math.log1p(above.max()) * depth - 1
    while surplus(low) > 0:
        low -= 10.0
    high = target / depth + 1e-9 * (1 + abs(target))  # at balanced weights the root is target / depth, to rounding
    return math.exp(float(brentq(surplus, low, high, xtol=1e-15))) + above  # type: ignore[arg-type]


def one_neuron_sharpness(problem: OneNeuron) -> Estimate:
    """Sharpness of the minimizer that gradient flow converges to.

    Derived: 2 lambda_max(v_2^2 ... v_L^2 sigma + sum_k v_k^{-2} q q^T) at the limit, if that is a minimizer. From a
    balanced start it is `balanced_sharpness`; for L = 2, v^2 = (sqrt(C^2 + 4 m^2) - C) / 2 where C = |u|^2 - v^2.
    """
    data, (x, y) = problem.network.regression, _curvatures(problem)
    return Estimate.exact(2 * np.linalg.eigvalsh(x * data.sigma + y * np.outer(data.q, data.q))[-1])


def one_neuron_bounds(problem: OneNeuron) -> tuple[float, float]:
    """Lower and upper bound on `one_neuron_sharpness`.

    They are 2 (x lambda_max + y q_1^2) and 2 (x lambda_max + y |q|^2), where x = v_2^2 ... v_L^2 and y = sum v_k^{-2},
    at the limit. Source: Yoo, Song and Yun (2025), in the units of this loss, where x = m^{2-2/L} and
    y = (L-1) m^{-2/L} for balanced weights. Derived for all weights: the value at the top eigenvector of sigma, and
    Weyl's inequality.
    """
    data, (x, y) = problem.network.regression, _curvatures(problem)
    top = x * data.lambda_max
    return 2 * (top + y * float(data.q_modes[-1]) ** 2), 2 * (top + y * data.explained)


def _curvatures(problem: OneNeuron) -> tuple[float, float]:
    """Factors x, y such that half the Hessian at the limit has the nonzero eigenvalues of x sigma + y q q^T."""
    squares = one_neuron_limit(problem)
    return float(np.prod(squares[1:])), float(np.sum(1 / squares[1:]))
