"""Causal tokens with values of their own: the path of the first one, which is alone."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import expm

from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._distances import value_matrices


def first_token_path(variant: Variant, times: Float[np.ndarray, " t"]) -> NDArray[np.float64]:
    """exp(t V) x_1(0), divided by its norm, with V = sum_h V_h, shape (t, d).

    Under a causal mask the first token attends to itself alone, with weight 1 under SA: dx_1/dt = P V x_1 (derived).

    Args:
        variant: with a causal mask, SA and Post-LN.
        times: not negative.
    """
    total, start = np.sum(value_matrices(variant), axis=0), variant.system.points[0]
    shift = max(0.0, float(np.max(np.linalg.eigvals(total).real)))  # a multiple of I only changes the norm
    paths = np.stack([expm(time * (total - shift * np.eye(len(total)))) @ start for time in times])
    return paths / np.linalg.norm(paths, axis=1, keepdims=True)
