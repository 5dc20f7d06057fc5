"""Lipschitz constant of the multi-margin loss in the weights of a model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from fathometer.generalization.wasserstein._loss import linear_lipschitz, score_lipschitz
from fathometer.generalization.wasserstein._network import Network, Params

ROUNDING = 1 + 1e-10
"""More than what the singular value decomposition in float64 may lose."""


def loss_constant(network: Network, nets: Sequence[Params]) -> float:
    """Lipschitz constant on the segments between the given models, for every input of norm at most 1, rounded up.

    For a linear model it is exact and does not depend on the weights. Else it holds on the convex set of networks whose
    matrices and biases have at most the norms of the largest of the given ones: with spectral norms s_i, norms b_i of
    the biases and a_0 = 1, a_i = s_i a_{i-1} + b_i, the scores have the constant
    sqrt(sum_i (prod_{j>i} s_j)^2 (a_{i-1}^2 + 1)) (derived: leaky ReLU is 1-Lipschitz with value 0 at 0).
    """
    if not network.hidden:
        return linear_lipschitz(network.classes)
    layers = range(len(network.hidden) + 1)
    spectral = [max(_norm(net.weights[k]) for net in nets) for k in layers]
    biases = [max(float(np.linalg.norm(np.asarray(net.biases[k], np.float64))) for net in nets) for k in layers]
    size, total = 1.0, 0.0
    for k in layers:
        total += float(np.prod(spectral[k + 1 :])) ** 2 * (size**2 + 1)
        size = spectral[k] * size + biases[k]
    return score_lipschitz(network.classes) * float(np.sqrt(total)) * ROUNDING


def _norm(weight: ArrayLike) -> float:
    """Spectral norm."""
    return float(np.linalg.norm(np.asarray(weight, np.float64), 2))
