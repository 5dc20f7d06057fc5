"""The gradient next to the excess risk."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._network import excess_risk
from fathometer.deep_linear.model._problem import DeepLinear


def gradient_over_excess(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """|grad R|^2 / (R - R_min) at W_1 to W_L, W_k of shape (..., d_k, d_{k-1}); inf where the excess risk is zero."""
    square = np.asarray(sum(np.sum(part**2, axis=(-2, -1)) for part in gradient(problem, weights)))
    excess = excess_risk(problem, weights)
    return np.divide(square, excess, out=np.full_like(excess, np.inf), where=excess > 0)
