"""A quantity of minimizers, for weights of which only some are minimizers."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import MINIMIZER_TOLERANCE
from fathometer.deep_linear.model._network import Weights
from fathometer.evidence import Estimate


def where_minimal(
    quantity: Callable[[Sequence[NDArray]], Estimate],
    weights: Weights,
    excess: Float[np.ndarray, " T"],
    explained: float,
) -> NDArray[np.float64]:
    """The quantity where the excess risk is at most 1e-8 of what a minimizer explains, else NaN; shape (T,).

    Args:
        quantity: of minimizers W_1 to W_L, W_k of shape (n, d_k, d_{k-1}); one number for each.
        weights: W_k of shape (T, d_k, d_{k-1}).
        excess: their excess risk.
        explained: what a minimizer explains, at least 0.
    """
    near = excess <= MINIMIZER_TOLERANCE * explained
    values = np.full(len(near), np.nan)
    if np.any(near):
        values[near] = quantity([matrix[near] for matrix in weights]).value
    return values
