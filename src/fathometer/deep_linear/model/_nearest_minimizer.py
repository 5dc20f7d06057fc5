"""The minimizer next to given weights."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear.model._network import Weights, as_weights, backward, outer, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError


def nearest_minimizer(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """Change the first layer least so that the product is `w_star`: W_1 + b_1 (w_star - w)^T / |b_1|^2.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).

    Raises:
        InputError: if the weights do not fit the problem, or the layers after the first multiply to zero.
    """
    read = as_weights(problem, weights)
    b = backward(read, problem.output)[0]
    square = np.sum(b**2, axis=-1)
    if not np.all(square > 0):
        raise InputError("the layers after the first must not multiply to zero")
    missing = problem.regression.w_star - product(read, problem.output)
    return (read[0] + outer(b / square[..., None], missing), *read[1:])
